#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark's part inside the virtual machine:
#
#   guest.sh FAMILY SIDE...    one after the other; each prints lines "RESULT {json}"
#
# Sides: lru and mglru (stock reclaim, swapping to brd), mage (the built-in policy over dram), clock
# and fifo (these policies). A side may carry switches, mage:KNOB=VALUE,... (see docs/pipeline.md),
# and mage:latency=20us the delay of the far memory.
# For FAMILY touch: $THREADS, $SECONDS_EACH, $PAGES, $PATTERN, $LOCAL (percent that is local).
. "$(dirname "$0")/../vm/lib.sh"

bin=build/bench/bin
knobs=/sys/kernel/debug/mage
cg=/sys/fs/cgroup/bench
family=$1
shift

die()
{
	echo "$*" >&2
	exit 1
}

# side_begin SIDE: swap and, for Mage, a policy; sets $name, $device and $cpus (those of the threads).
side_begin()
{
	local options=() connect option
	name=${1%%:*}
	cpus=$(nproc)
	device=
	mkdir "$cg" || die "no cgroup"
	case $name in
	lru | mglru)
		local generations=0
		[ "$name" = lru ] || generations=7
		echo "$generations" >/sys/kernel/mm/lru_gen/enabled
		mkswap /dev/ram1 >/dev/null || die "no swap on brd"
		swapon /dev/ram1 || die "no swap on brd"
		return
		;;
	esac
	[ "$1" = "$name" ] || IFS=, read -r -a options <<<"${1#*:}"
	[ "$cpus" -eq 1 ] || cpus=$((cpus - 1))
	connect=(--backend dram --size 512M --swapon)
	for option in "${options[@]}"; do
		case $option in
		latency=*) connect+=(--latency "${option#*=}") ;;
		*) echo "${option#*=}" >"$knobs/${option%%=*}" || die "no switch $option" ;;
		esac
	done
	device=$(far_connect "${connect[@]}") || die "no far device"
	device=${device##*$'\n'}
	local policy=$POLICIES/$name.bpf.o
	[ "$name" = mage ] && policy=build/tests/vm/policies/empty.bpf.o
	"$MAGE" policy load "$policy" --cgroup "$cg" >/dev/null || die "no policy $name"
}

side_end()
{
	local knob
	if [ -n "$device" ]; then
		"$MAGE" policy unload --cgroup "$cg" >/dev/null
		"$MAGE" device disconnect "$device" --swapoff >/dev/null
		for knob in async_shootdown mapped_writeback keep_clean; do
			echo Y >"$knobs/$knob"
		done
		for knob in depth batch shards; do
			echo 0 >"$knobs/$knob"
		done
	else
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
	out=$(cg_exec "$cg" "$bin/cost" "$cg" "${PAGES:-8192}") || die "cost failed"
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

touch_pages()
{
	local before_interrupts before_evicted out
	echo $((PAGES * 4 * LOCAL / 100))K >"$cg/memory.max"
	before_interrupts=$(interrupts)
	before_evicted=$(evicted)
	out=$(cg_exec "$cg" "$bin/touch" --pages "$PAGES" --threads "$THREADS" \
		--seconds "$SECONDS_EACH" --cpus "$cpus" --pattern "$PATTERN") || die "touch failed"
	jq -c --argjson i "$(($(interrupts) - before_interrupts))" \
		--argjson e "$(($(evicted) - before_evicted))" --argjson c "$cpus" \
		--argjson d "$(cg_stat "$cg" pgscan_direct)" \
		'. + {evicted: $e, interrupts: $i, threads_cpus: $c, direct_scans: $d}' <<<"$out" |
		result "$1"
}

echo never >/sys/kernel/mm/transparent_hugepage/enabled
for side in "$@"; do
	side_begin "$side"
	case $family in
	cost) cost "$side" ;;
	touch) touch_pages "$side" ;;
	*) die "no family $family" ;;
	esac
	side_end
done
