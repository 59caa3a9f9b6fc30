#!/bin/bash
# vm: --smp 4 --mem 2G --timeout 900
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Pages that a policy has read ahead, in flights, while everything that a program can do to its memory is
# done to it, over a far store that takes 50 us; then nothing of it may be left. Each load takes an eighth of
# $MAGE_TORTURE_SECONDS.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

seconds=$(((MAGE_TORTURE_SECONDS + 7) / 8))
knobs=/sys/kernel/debug/mage

probe()
{
	(cg_exec "$cg" build/tests/policy_probe "$@")
}

prefetch_by() # PREFETCHER WINDOW
{
	"$MAGE" policy swap fifo --set prefetch="$1" --set prefetch_window="$2" --cgroup "$cg"
}

# more FIELD BEFORE: a counter of the domain has grown.
more()
{
	local n
	n=$(domain_field "$cg" "$1")
	echo "$1: $n, before $2"
	[ "$n" -gt "$2" ]
}

# One prefetcher after the other, with short windows and long ones, until the load has lasted long enough.
swap_prefetchers()
{
	while
		for prefetcher in 1 2 3 4 0; do
			prefetch_by "$prefetcher" 64 && prefetch_by "$prefetcher" 4 || return
		done
		[ "$SECONDS" -lt "$end" ]
	do
		:
	done
}

# knobs_are FLIGHT_MS FLIGHTS: until pages were read ahead that way.
knobs_are()
{
	local prefetched
	echo "$1" >"$knobs/flight_ms" && echo "$2" >"$knobs/flights" || return
	prefetched=$(domain_field "$cg" prefetched)
	eventually 120 more prefetched "$prefetched"
}

# They are dropped as soon as they have come; and others read ahead by works, beside those in flight.
turn_knobs()
{
	while
		knobs_are 0 Y && knobs_are 0 N && knobs_are 100 Y && knobs_are 100 N || return
		[ "$SECONDS" -lt "$end" ]
	do
		:
	done
	knobs_are 100 Y
}

dying=$(cg_dying)
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
echo 1 >/sys/kernel/mm/ksm/run
need "a far device over dram" far_up dram 256M --latency 50us
need "the cgroup" cg_make "$cg" 32M
need "the policy fifo, with readahead" "$MAGE" policy load fifo --set prefetch=1 --set prefetch_window=32 \
	--cgroup "$cg"
set_size 64

try "a scan: pages in order, no byte wrong" probe 60 scan 2
try "a scan: pages were read ahead" more prefetched 1000
try "a scan: they were of use" more prefetch_hits 1000
nothing_left "a scan"

waste=$(domain_field "$cg" prefetch_waste)
load "all operations" --size "$size" --threads 4 --seconds "$seconds" --direct-file /dev/ram0
try "all operations: some were read ahead in vain" more prefetch_waste "$waste"
nothing_left "all operations"

end=$((SECONDS + seconds))
try "policies swapped: the load starts" load_start --size "$size" --threads 4 --seconds "$long" \
	--direct-file /dev/ram0
try "policies swapped: another prefetcher again and again" swap_prefetchers
load_end "policies swapped"
try "policies swapped: fifo governs, nothing was ejected" governed_by fifo
nothing_left "policies swapped"

try "knobs: readahead again" prefetch_by 1 64
end=$((SECONDS + seconds))
try "knobs: the load starts" load_start --size "$size" --threads 4 --seconds "$long" --direct-file /dev/ram0
try "knobs: flights end early, and are off and on" turn_knobs
load_end "knobs"
nothing_left "knobs"

load "killed in flight" --kill-test --size "$size" --threads 4 --seconds "$seconds"
nothing_left "killed in flight"

try "swapoff: the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
echo max >"$cg/memory.max"
try "swapoff: the device is switched off under the load" swapoff "/dev/$far"
try "swapoff: it is empty" device_is_empty "$far"
load_end "swapoff"
try "the policy governs, nothing was ejected" governed_by fifo

all_goes "$dying"
tap_end
