#!/bin/bash
# vm: --smp 4 --mem 2G --timeout 900
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# The pipeline in all its settings: every switch in its other position, evictors that move and whose
# CPUs go away, limits that are lowered and memory that is asked for, each while every byte of a
# region twice the limit is verified. A load lasts an eighth of $MAGE_TORTURE_SECONDS.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

seconds=$(((MAGE_TORTURE_SECONDS + 7) / 8))
knobs=/sys/kernel/debug/mage
evictor_cpus=/sys/kernel/mm/mage/evictor_cpus

knob()
{
	echo "$2" >"$knobs/$1" && same "the switch $1" "$2" "$(cat "$knobs/$1")"
}

# count: what the domain has counted, as $evictions, $faults, $batches and $drops.
count()
{
	read -r evictions faults batches drops <<<"$(domain_field "$cg" \
		'evictions, .faults, .batches, .clean_drops' | paste -sd ' ')"
}

# took_effect NAME VALUE: since "count" pages went out and came back, and where the domain's counters show
# the switch, they do. Without clean copies a few pages are dropped all the same.
took_effect()
{
	local evictions0=$evictions faults0=$faults batches0=$batches drops0=$drops
	count
	echo "evictions $((evictions -= evictions0)), faults $((faults -= faults0))," \
		"batches $((batches -= batches0)), dropped clean $((drops -= drops0))"
	((evictions > 0 && faults > 0)) || return
	case $1=$2 in
	# The stock way out knows no clean drop.
	keep_clean=N | mapped_writeback=N) ((20 * drops < evictions)) ;;
	batch=1) ((evictions <= batches)) ;;
	*) ((10 * drops > evictions && evictions > 2 * batches)) ;;
	esac
}

# switched NAME VALUE: a load with a switch in another position than usual.
switched()
{
	local usual
	usual=$(cat "$knobs/$1")
	try "$1=$2: set" knob "$1" "$2"
	count
	load "$1=$2" --size "$size" --threads 2 --seconds "$seconds" --direct-file /dev/ram0
	try "$1=$2: it took effect" took_effect "$1" "$2"
	note <"$tap_out"
	try "$1=$2: set back" knob "$1" "$usual"
	nothing_left "$1=$2"
}

evictors_on()
{
	same "evictor_cpus" "$1" "$(cat "$evictor_cpus")"
}

move_evictors()
{
	local cpus
	for cpus in 0 1-2 0,3 0-3 2 3; do
		echo "$cpus" >"$evictor_cpus" && evictors_on "$cpus" || return
	done
}

cpu_off_and_on()
{
	local cpu=/sys/devices/system/cpu/cpu3/online i
	for i in 1 2 3; do
		echo "round $i"
		echo 0 >"$cpu" && ! evictors_on 3 >/dev/null &&
			refuses 1 "Invalid argument" bash -c "echo 3 >$evictor_cpus" || return
		echo 1 >"$cpu" && evictors_on 3 || return
	done
}

# nobody_reclaimed: since $scanned was read.
nobody_reclaimed()
{
	same "pgscan_direct" "$scanned" "$(cg_stat "$cg" pgscan_direct)"
}

# events NAME: a number of memory.events.
events()
{
	awk -v key="$1" '$1 == key { print $2 }' "$cg/memory.events"
}

fits()
{
	local local_bytes
	local_bytes=$(cat "$cg/memory.current")
	echo "$local_bytes bytes are local"
	[ "$local_bytes" -le "$1" ]
}

# The evictors have made what was asked for, and nobody reclaimed himself.
reclaimed()
{
	local before after
	before=$(domain_field "$cg" evictions)
	echo "$1" >"$cg/memory.reclaim" || return
	after=$(domain_field "$cg" evictions)
	echo "evictions: before $before, after $after"
	[ $((after - before)) -gt 0 ]
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 512M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 64M
# The built-in policy, held in place by an empty one.
need "a policy without callbacks" \
	"$MAGE" policy load build/tests/vm/policies/empty.bpf.o --cgroup "$cg"
set_size 64

load "as it comes" --size "$size" --threads 4 --seconds "$seconds" --direct-file /dev/ram0
try "as it comes: pages went out and came back" domain_paged "$cg"
nothing_left "as it comes"

# The region is at the same address in every process: what finds a victim's page table entry must not
# take one of the other process for it.
try "two processes: one starts" load_start --size 48M --threads 1 --seconds "$long" --ops none
load "two processes: the other" --size 48M --threads 1 --seconds "$seconds" --ops none \
	--seed $((seed + 1))
load_end "two processes: the one"
nothing_left "two processes"

switched async_shootdown N
switched one_shootdown N
switched mapped_writeback N
switched keep_clean N
switched depth 1
switched depth 8
switched batch 1
switched batch 512
switched shards 1

try "evictors move: the load starts" load_start --size "$size" --threads 4 --seconds "$long" \
	--direct-file /dev/ram0
try "evictors move" move_evictors
try "a CPU that evicts goes offline, cannot be chosen then, and comes back" cpu_off_and_on
try "no evictor on a CPU that is not there" refuses 1 "Numerical result out of range" \
	bash -c "echo 99 >$evictor_cpus"
load_end "evictors move"
nothing_left "evictors move"

try "limit lowered: the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
# The torture's own requests for reclaim were counted here.
scanned=$(cg_stat "$cg" pgscan_direct)
echo 12M >"$cg/memory.max"
try "limit lowered: what is local fits" eventually 60 fits $((12 << 20))
try "limit lowered: nobody was killed" same "oom_kill" 0 "$(events oom_kill)"
try "limit lowered: no direct reclaim" nobody_reclaimed
echo 64M >"$cg/memory.max"
try "asked to reclaim: the evictors do" reclaimed 8M
try "asked to reclaim: no direct reclaim" nobody_reclaimed
load_end "limit lowered"
nothing_left "limit lowered"
tap_end
