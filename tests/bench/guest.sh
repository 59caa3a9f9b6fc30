#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark's part inside the virtual machine:
#
#   guest.sh FAMILY SIDE...    one after the other; each prints lines "RESULT {json}"
#
# Sides: lru and mglru (stock reclaim, swapping to brd), mage (the built-in policy over dram), and
# policy/NAME, one of policies/. A side may carry switches, mage:KNOB=VALUE,... (see
# docs/pipeline.md), mage:latency=20us the delay of the far memory, mage:checksum=on its checksums,
# and policy/fifo:prefetch=1 the prefetcher of a policy that has them, policy/mglru:around=0 whether
# it looks around pages; mage:evictors=2 has so many CPUs at the end evict.
#
# FAMILY      variables
# cost        $PAGES
# touch       $THREADS, $SECONDS_EACH, $PAGES, $PATTERN, $LOCAL (percent that is local)
# scale       $TOUCHES, $PAGES, $LOCAL; a thread for each CPU but those of evictors, or one
# neighbours  $SECONDS_EACH, $PAGES, $LOCAL; the sides are lru and mglru, by which the plain cgroups live
# pagerank, lookup, redis, memcached
#             $SECONDS_EACH, $SIZE (see each), $LOCAL: one after the other, "90 50"
# link        $THREADS, $SECONDS_EACH, $PAGES, $LOCAL; the only side is mage, over soft-RoCE
. "$(dirname "$0")/../vm/lib.sh"

bin=build/bench/bin
knobs=/sys/kernel/debug/mage
cg=/sys/fs/cgroup/bench
work=$(mktemp -d)
trap 'rm -rf "$tap_out" "$work"' EXIT
family=$1
shift

die()
{
	echo "$*" >&2
	exit 1
}

# Those who ask a server have the last CPU, on every side; $sides_cpus are what a side may use, for
# threads, reclaim and evictors together.
sides_cpus=$(nproc)
client_cpu=
case $family in
redis | memcached)
	sides_cpus=$((sides_cpus - 1))
	client_cpu=$sides_cpus
	;;
esac

# What brd and dram hold, so that neither allocates memory while it is measured.
store_mib=${STORE_MIB:-256}

# stock_swap: swap on brd, all of which has been written.
stock_swap()
{
	if ! [ -e "$work/brd" ]; then
		dd if=/dev/zero of=/dev/ram1 bs=1M count="$store_mib" oflag=direct 2>/dev/null ||
			die "no $store_mib MiB of brd; the kernel wants brd.rd_size=$((store_mib * 1024))"
		touch "$work/brd"
	fi
	mkswap -q -f /dev/ram1 $((store_mib * 1024)) || die "no swap on brd"
	swapon /dev/ram1 || die "no swap on brd"
}

# stock_kind SIDE: lru or mglru.
stock_kind()
{
	local generations=0
	[ "$1" = lru ] || generations=7
	echo "$generations" >/sys/kernel/mm/lru_gen/enabled
}

# far_swap OPTION...: swap on a far device, as $device.
far=(--backend dram --size "${store_mib}M")
far_swap()
{
	device=$(far_connect "${far[@]}" --swapon "$@") || die "no far device"
	device=${device##*$'\n'}
}

# side_begin SIDE: swap and, for Mage, a policy; sets $name, $device and $cpus (those of the threads).
# The side "none" has neither.
side_begin()
{
	local options=() connect=() load=() option evictors=1
	name=${1%%:*}
	cpus=$sides_cpus
	device=
	mkdir "$cg" || die "no cgroup"
	case $name in
	none) return ;;
	lru | mglru)
		stock_kind "$name"
		stock_swap
		return
		;;
	esac
	[ "$1" = "$name" ] || IFS=, read -r -a options <<<"${1#*:}"
	for option in "${options[@]}"; do
		case $option in
		checksum=*) connect+=(--checksum "${option#*=}") ;;
		latency=*) connect+=(--latency "${option#*=}") ;;
		prefetch=* | prefetch_window=* | around=* | around_victims=*) load+=(--set "$option") ;;
		evictors=*) evictors=${option#*=} ;;
		*) echo "${option#*=}" >"$knobs/${option%%=*}" || die "no switch $option" ;;
		esac
	done
	# The policy linux evicts on the threads' own CPUs, as stock does.
	[ "$cpus" -eq 1 ] || [ "$name" = policy/linux ] || cpus=$((cpus - evictors))
	"$MAGE" evictors --cpus $((sides_cpus - evictors))-$((sides_cpus - 1)) >/dev/null ||
		die "no evictor"
	far_swap "${connect[@]}"
	local policy=$POLICIES/${name#policy/}.bpf.o
	[ "$name" = mage ] && policy=build/tests/vm/policies/empty.bpf.o
	"$MAGE" policy load "$policy" --cgroup "$cg" "${load[@]}" >/dev/null || die "no policy $name"
}

side_end()
{
	local knob
	if [ -n "$device" ]; then
		"$MAGE" policy unload --cgroup "$cg" >/dev/null
		"$MAGE" device disconnect "$device" --swapoff >/dev/null
		for knob in async_shootdown mapped_writeback keep_clean flights pool; do
			echo Y >"$knobs/$knob"
		done
		for knob in depth batch shards; do
			echo 0 >"$knobs/$knob"
		done
	elif [ "$name" != none ]; then
		swapoff /dev/ram1
	fi
	eventually 30 rmdir "$cg" >/dev/null
}

result()
{
	jq -c --arg side "$1" '. + {side: $side}' | sed 's/^/RESULT /'
}

cost()
{
	local out
	# Nothing else may run meanwhile, so its output waits.
	out=$(cg_exec "$cg" "$bin/cost" "$cg" "${PAGES:-8192}") || die "$1: cost failed"
	result "$1" <<<"$out"
}

# Shootdown interrupts that the CPUs of the threads have received.
interrupts()
{
	awk -v cpus="$cpus" '$1 == "TLB:" { for (i = 2; i < 2 + cpus; i++) n += $i } END { print n + 0 }' \
		/proc/interrupts
}

# Pages that left the cgroup.
evicted()
{
	if [ -n "$device" ]; then
		domain_field "$cg" evictions
	else
		awk '$1 == "pswpout" { print $2 }' /proc/vmstat
	fi
}

# prefetched: what the domain's policy has prefetched so far, as JSON.
prefetched()
{
	if [ -n "$device" ]; then
		domain_field "$cg" '| {faults, prefetched, prefetch_hits, prefetch_waste}'
	else
		echo '{}'
	fi
}

# oom_kills [CGROUP]: processes of the cgroup that the OOM killer has killed.
oom_kills()
{
	awk '$1 == "oom_kill" { print $2 }' "${1:-$cg}/memory.events"
}

# Runs of stock that the OOM killer may end, though swap is free, before the side is given up.
kills_max=5

touch_pages()
{
	local before_interrupts before_evicted before_scans out kills=0
	echo $((PAGES * 4 * LOCAL / 100))K >"$cg/memory.max"
	while true; do
		before_interrupts=$(interrupts)
		before_evicted=$(evicted)
		before_scans=$(cg_stat "$cg" pgscan_direct)
		out=$(cg_exec "$cg" "$bin/touch" --pages "$PAGES" --threads "$THREADS" \
			--seconds "$SECONDS_EACH" --cpus "$cpus" --pattern "$PATTERN") && break
		# Mage's are never killed for want of memory.
		if [ -n "$device" ] || [ "$(oom_kills)" -le "$kills" ] || [ "$kills" -ge "$kills_max" ]; then
			die "touch failed"
		fi
		kills=$(oom_kills)
		echo "$1: the OOM killer ended it, though swap is free; once more" >&2
	done
	jq -c --argjson i "$(($(interrupts) - before_interrupts))" \
		--argjson e "$(($(evicted) - before_evicted))" --argjson c "$cpus" \
		--argjson d "$(($(cg_stat "$cg" pgscan_direct) - before_scans))" --argjson k "$kills" \
		--argjson p "$(prefetched)" \
		'. + $p + {evicted: $e, interrupts: $i, threads_cpus: $c, direct_scans: $d, oom_kills: $k}' \
		<<<"$out" | result "$1"
}

# One thread less than CPUs on stock's sides, too.
turnover()
{
	local nr=$cpus out
	if [ "$nr" -eq "$sides_cpus" ] && [ "$nr" -gt 1 ]; then
		nr=$((nr - 1))
	fi
	echo $((PAGES * 4 * LOCAL / 100))K >"$cg/memory.max"
	out=$(cg_exec "$cg" "$bin/turnover" --pages "$PAGES" --threads "$nr" \
		--touches "$TOUCHES") || die "turnover failed"
	result "$1" <<<"$out"
}

# -- a plain cgroup beside another

other=/sys/fs/cgroup/other

# other_has_settled: it has filled its region, and missed a good part of it since; or it was killed.
other_has_settled()
{
	[ "$(cg_stat "$other" pgmajfault)" -ge $((PAGES / 4)) ] || [ "$(oom_kills "$other")" -gt 0 ]
}

# How often the other has missed so far, and when.
other_misses()
{
	echo "$(cg_stat "$other" pgmajfault) $(date +%s%N)"
}

# other_begin KIND: a plain or a governed cgroup under the same load, until other_end. All that is its
# own has the last CPU: thread, reclaim and evictor.
other_begin()
{
	cg_make "$other" "$limit" || die "no cgroup"
	[ "$1" = plain ] || "$MAGE" policy load build/tests/vm/policies/empty.bpf.o --cgroup "$other" \
		>/dev/null || die "no policy"
	(cg_exec "$other" taskset -c $((sides_cpus - 1)) "$bin/touch" --pages "$PAGES" --threads 1 \
		--seconds 3600 >/dev/null) &
	other_pid=$!
	eventually 300 other_has_settled >/dev/null || die "the other does not get that far"
}

# other_end KIND: false if the OOM killer had ended it, which a governed one is safe from.
other_end()
{
	local status kills
	kill "$other_pid" 2>/dev/null
	wait "$other_pid"
	status=$?
	kills=$(oom_kills "$other")
	[ "$1" = plain ] || "$MAGE" policy unload --cgroup "$other" >/dev/null
	eventually 30 rmdir "$other" >/dev/null
	[ $status -ne $((128 + 15)) ] || return 0
	if [ "$1" != plain ] || [ "$kills" -eq 0 ]; then
		die "touch failed in the other cgroup, which is $1"
	fi
	return 1
}

# neighbour SIDE BESIDE: the plain one in $cg, beside nobody ("alone"), a "plain" or a "governed" one.
# False if the OOM killer ended it or the other.
neighbour()
{
	local out before=() after=() misses=0 status kills
	cg_make "$cg" "$limit" || die "no cgroup"
	if [ "$2" != alone ]; then
		other_begin "$2"
		read -r -a before <<<"$(other_misses)"
	fi
	out=$(cg_exec "$cg" taskset -c 0 "$bin/touch" --pages "$PAGES" --threads 1 \
		--seconds "$SECONDS_EACH")
	status=$?
	kills=$(oom_kills)
	if [ "$2" != alone ]; then
		read -r -a after <<<"$(other_misses)"
		misses=$(((after[0] - before[0]) * 1000000000 / (after[1] - before[1])))
		other_end "$2" || kills=1
	fi
	eventually 30 rmdir "$cg" >/dev/null
	[ "$kills" -eq 0 ] || return
	[ $status -eq 0 ] || die "touch failed beside $2"
	jq -c --arg w "$2" --argjson m "$misses" '. + {what: $w, other_misses: $m}' <<<"$out" | result "$1"
}

# Swap areas are the machine's, and a governed cgroup's pages go the stock way to one that is no far
# device and comes first: so all have the same far device.
neighbours()
{
	local side beside tries
	limit=$((PAGES * 4 * LOCAL / 100))K
	far_swap
	"$MAGE" evictors --cpus $((sides_cpus - 1)) >/dev/null || die "no evictor"
	for side in "$@"; do
		stock_kind "$side"
		for beside in alone plain governed; do
			tries=0
			until neighbour "$side" "$beside"; do
				[ $((tries += 1)) -le "$kills_max" ] || die "touch failed"
				echo "$side, $beside: the OOM killer ended it, though swap is free; once more" >&2
			done
		done
	done
	"$MAGE" device disconnect "$device" --swapoff >/dev/null
}

# -- applications

# Those of the side's CPUs that the application has, for taskset.
app_cpus()
{
	echo "0-$((cpus - 1))"
}

# served COMMAND...: a server in the cgroup on its CPUs, until it says that it answers; as $server.
served()
{
	local ready=$1
	shift
	# One that was killed has left it behind.
	rm -f "$work/socket"
	(cg_exec "$cg" taskset -c "$(app_cpus)" "$@" >/dev/null 2>&1) &
	server=$!
	eventually 60 "$ready" >/dev/null || die "$1 does not answer"
}

memcached_answers()
{
	[ -S "$work/socket" ]
}

redis_answers()
{
	[ "$(redis-cli -s "$work/socket" ping 2>/dev/null)" = PONG ]
}

# The keys as redis-benchmark names them; a value says which key it belongs to.
redis_script()
{
	local loop='for i = 0, ARGV[1] - 1 do local k = string.format("key:%012d", i)'
	case $1 in
	fill) echo "$loop redis.call('SET', k, string.rep(k, 63)) end return ARGV[1]" ;;
	check)
		echo "local n = 0 $loop if redis.call('GET', k) == string.rep(k, 63) then n = n + 1 end end" \
			"return n"
		;;
	esac
}

redis_ask()
{
	taskset -c "$client_cpu" redis-benchmark -s "$work/socket" -n "$1" -c 16 -r "$SIZE" --csv \
		get key:__rand_int__
}

# Each prints a JSON object: unit, throughput, p50_us, p99_us and checksum. $limit is in bytes.

# $SIZE: scale of the graph
run_pagerank()
{
	cg_exec "$cg" taskset -c "$(app_cpus)" "$bin/pagerank" --scale "$SIZE" --threads "${THREADS:-1}" \
		--iterations "$SECONDS_EACH" --memory-max "$cg/memory.max" --limit "$limit"
}

# $SIZE: energies of each nuclide
run_lookup()
{
	cg_exec "$cg" taskset -c "$(app_cpus)" "$bin/lookup" --points "$SIZE" --threads "${THREADS:-1}" \
		--seconds "$SECONDS_EACH" --memory-max "$cg/memory.max" --limit "$limit"
}

# $SIZE: keys
run_redis()
{
	local rate right
	echo "$limit" >"$cg/memory.max"
	served redis_answers redis-server --port 0 --unixsocket "$work/socket" --dir "$work" \
		--save "" --appendonly no --daemonize no
	redis-cli -s "$work/socket" eval "$(redis_script fill)" 0 "$SIZE" >/dev/null ||
		die "Redis cannot be filled"
	# It takes a number of requests, not a time: so many as the time is enough for.
	rate=$(redis_ask 2000 | tail -n 1 | tr -d '"' | cut -d, -f2)
	redis_ask $((${rate%.*} * SECONDS_EACH + 1)) >"$work/said" || die "redis-benchmark failed"
	right=$(redis-cli -s "$work/socket" eval "$(redis_script check)" 0 "$SIZE")
	[ "$right" = "$SIZE" ] || die "Redis: $right of $SIZE keys are right"
	tail -n 1 "$work/said" | tr -d '"' | awk -F, '{
		printf "{\"unit\": \"requests/s\", \"throughput\": %s, \"p50_us\": %.0f, ", $2, $5 * 1000
		printf "\"p99_us\": %.0f, \"checksum\": \"\"}\n", $7 * 1000 }'
	redis-cli -s "$work/socket" shutdown nosave 2>/dev/null
	wait "$server"
}

# $SIZE: keys
run_memcached()
{
	echo "$limit" >"$cg/memory.max"
	served memcached_answers memcached -u root -t 1 -m 1024 -s "$work/socket"
	taskset -c "$client_cpu" "$bin/memcached_load" --socket "$work/socket" --keys "$SIZE" --connections 16 \
		--seconds "$SECONDS_EACH" || die "memcached_load failed"
	kill "$server"
	wait "$server"
}

# application SIDE: without a limit to see what it needs, or with each share of that.
application()
{
	local out sum
	side_begin "$1"
	limit=max
	[ "$name" = none ] || limit=$((peak * local_share / 100))
	if out=$("run_$family"); then
		sum=$(jq -r .checksum <<<"$out")
		[ "$name" != none ] || checksum=$sum unit=$(jq -r .unit <<<"$out")
		[ "$sum" = "$checksum" ] || die "$family: the checksum is $sum instead of $checksum"
	elif [ "$(oom_kills)" -gt 0 ]; then
		# It did not get through at all, which is a result, too.
		out=$(jq -cn --arg unit "$unit" '{unit: $unit, throughput: 0, p50_us: 0, p99_us: 0}')
	else
		die "$family failed"
	fi
	[ "$name" != none ] || peak=$(cat "$cg/memory.peak")
	jq -c --argjson l "$local_share" --argjson m "$((peak >> 20))" \
		--argjson f "$(cg_stat "$cg" pgmajfault)" --argjson d "$(cg_stat "$cg" pgscan_direct)" \
		--argjson o "$(oom_kills)" \
		'. + {local: $l, needs_mib: $m, misses: $f, direct_scans: $d, oom_kills: $o}' <<<"$out" |
		result "$1"
	side_end
}

applications()
{
	local side
	local_share=100
	application none
	for local_share in $LOCAL; do
		for side in "$@"; do
			application "$side"
		done
	done
}

# -- soft-RoCE: this machine is its own memory node, and perftest's other end

link_address=192.0.2.1

link_begin()
{
	if ! { ip link add bencha type veth peer name benchb &&
		ip addr add $link_address/24 dev bencha &&
		ip link set benchb mtu 4200 up && ip link set bencha mtu 4200 up &&
		rdma link add benchrxe type rxe netdev bencha; }; then
		die "no soft-RoCE on a pair of virtual Ethernet devices"
	fi
	head -c 32 /dev/urandom | base64 >"$work/secret"
	chmod 600 "$work/secret"
	build/memnode/mage-memnoded --listen $link_address --size "${store_mib}M" \
		--secret-file "$work/secret" >"$work/memnoded" 2>&1 &
	memnoded=$!
	eventually 30 grep -q 'listening on' "$work/memnoded" >/dev/null || die "no memory node"
	# perftest has no checksums either.
	far=(--backend rdma --address "$link_address" --secret-file "$work/secret" --size "${store_mib}M"
		--checksum off)
}

# perftest_both OPTION...: pages read and written a second, both at the same time, as JSON.
perftest_both()
{
	local common=(-d benchrxe -s 4096 -D "$SECONDS_EACH" -F "$@") port=18515 tool pids=()
	for tool in ib_read_bw ib_write_bw; do
		"$tool" "${common[@]}" -p $port >"$work/server" 2>&1 &
		pids+=($!)
		eventually 60 port_listens $port >/dev/null ||
			die "$tool does not listen: $(cat "$work/server")"
		port=$((port + 1))
	done
	port=18515
	for tool in ib_read_bw ib_write_bw; do
		"$tool" "${common[@]}" -p $port $link_address >"$work/$tool" 2>&1 &
		pids+=($!)
		port=$((port + 1))
	done
	wait "${pids[@]}" || die "$(cat "$work"/ib_*)"
	# The fifth column is in millions a second.
	awk '$1 == 4096 { pages[FILENAME ~ /read/] += $5 * 1000000 }
		END { printf "{\"reads\": %d, \"writes\": %d}\n", pages[1], pages[0] }' \
		"$work/ib_read_bw" "$work/ib_write_bw"
}

port_listens()
{
	grep -q "$(printf ':%04X .* 0A' "$1")" /proc/net/tcp /proc/net/tcp6
}

# What has gone over the link so far, and when.
link_pages()
{
	echo "$(device_field "$device" reads) $(device_field "$device" writes) $(date +%s%N)"
}

link()
{
	local queue_pairs before after toucher
	for queue_pairs in 1 4; do
		perftest_both -q $queue_pairs >"$work/both"
		result "perftest -q $queue_pairs" <"$work/both"
	done
	side_begin mage
	echo $((PAGES * 4 * LOCAL / 100))K >"$cg/memory.max"
	(cg_exec "$cg" "$bin/touch" --pages "$PAGES" --threads "$THREADS" --cpus "$(nproc)" \
		--seconds $((SECONDS_EACH + 10)) --pattern scan --writes 100 >/dev/null) &
	toucher=$!
	link_wanted=$(($(device_field "$device" reads) + PAGES / 4))
	eventually 60 link_busy >/dev/null || die "too little is read"
	read -r -a before <<<"$(link_pages)"
	sleep "$SECONDS_EACH"
	read -r -a after <<<"$(link_pages)"
	wait $toucher || die "touch failed"
	jq -cn --argjson ns $((after[2] - before[2])) --argjson r $((after[0] - before[0])) \
		--argjson w $((after[1] - before[1])) \
		'{reads: ($r * 1e9 / $ns), writes: ($w * 1e9 / $ns)}' | result mage
	side_end
}

# The region is filled, and so many pages have been read that the scan has settled.
link_busy()
{
	[ "$(device_field "$device" reads)" -ge "$link_wanted" ]
}

echo never >/sys/kernel/mm/transparent_hugepage/enabled
case $family in
cost | touch | scale)
	for side in "$@"; do
		side_begin "$side"
		case $family in
		cost) cost "$side" ;;
		touch) touch_pages "$side" ;;
		scale) turnover "$side" ;;
		esac
		side_end
	done
	;;
neighbours) neighbours "$@" ;;
pagerank | lookup | redis | memcached) applications "$@" ;;
link)
	link_begin
	for _ in "$@"; do
		link
	done
	kill $memnoded
	;;
*) die "no family $family" ;;
esac
