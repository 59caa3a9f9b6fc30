#!/bin/bash
# vm: --smp 4 --mem 2G --timeout 1200
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # load.sh sets $far
#
# Checksums of far devices. Loads with all that the kernel can do to pages meet no mismatch, whatever
# the store does that it may do. What the store damages (docs/pipeline.md) is found: it is read again, or
# raises SIGBUS for that page alone, with its slot in the log. No byte is wrong.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/swap_pages.sh
. tests/vm/checksum.sh

seconds=$(((MAGE_TORTURE_SECONDS + 7) / 8))
faults=/sys/kernel/debug/mage/dram

# damages TIMES NAME PROBABILITY ...: this, and nothing else, goes wrong from now on, so many times each.
damages()
{
	local probability times=$1
	shift
	for probability in "$faults"/*/probability; do
		echo 0 >"$probability" || return
	done
	while [ $# -gt 0 ]; do
		echo "$2" >"$faults/$1/probability" && echo "$times" >"$faults/$1/times" || return
		shift 2
	done
	echo 1 >"$faults/faults"
}

behaves()
{
	echo 0 >"$faults/faults"
}

# damaged WHAT FAULT LOST: pages go out to a store that does that, once, and come back from one that behaves.
damaged()
{
	local what=$1 fault=$2 lost=$3
	lossy_start "$what"
	try "$what: the store damages one" damages 1 "$fault" 100
	try "$what: they go out" eventually 60 all_out
	try "$what: the store behaves again" behaves
	lossy_end "$what"
	try "$what: $lost are lost" same "the number of lost pages" "$lost" "$(lost_pages)"
}

# over_damage WHAT NAME PROBABILITY ...: a load over a store that goes on like that.
over_damage()
{
	local what=$1 before
	shift
	before=$(device_field "$far" mismatches)
	try "$what: the load starts" load_start --may-sigbus --size "$size" --threads 4 --seconds "$long"
	try "$what: it is told" load_may_fail
	try "$what: the store does that" damages -1 "$@"
	try "$what: it is found, again and again" eventually 120 more mismatches $((before + 20))
	try "$what: the store behaves again" behaves
}

dying=$(cg_dying)
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
echo 1 >/sys/kernel/mm/ksm/run
wrong "neither on nor off is refused" 2 "--checksum maybe: is neither; write on or off" \
	device connect --backend dram --size 16M --checksum maybe
need "the kernel can damage slots of dram" test -e "$faults/flip_slot/probability"
need "a far device without checksums" far_up dram 16M --checksum off
try "says so" same checksums false "$(device_field "$far" checksums)"
try "and goes" "$MAGE" device disconnect "$far" --swapoff
need "a far device with checksums" far_up dram 256M --checksum on
try "says so, too" same checksums true "$(device_field "$far" checksums)"
try "in the table as well" shows "^$far .* yes +-$" device list
need "the cgroup" cg_make "$cg" 32M
need "the policy" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cg"
set_size 64

load "healthy" --size "$size" --threads 4 --seconds "$seconds" --direct-file /dev/ram0
try "healthy: pages went out and came back" domain_paged "$cg"
try "healthy: every read fits" fits
nothing_left "healthy"

for fault in fail_write cut_write tear_write delay_write; do
	echo 10 >"$faults/$fault/probability"
done
try "torn and failed writes: the store does that" sh -c "echo 1 >$faults/faults"
load "torn and failed writes" --size "$size" --threads 4 --seconds "$seconds" --direct-file /dev/ram0
try "torn and failed writes: the store behaves again" behaves
try "torn and failed writes: every read fits" fits
nothing_left "torn and failed writes"

damaged "a bit flips" flip_slot 1
damaged "a write is lost" lose_write 1
damaged "two slots are exchanged" swap_slots 2
try "the doctor knows" sh -c "'$MAGE' doctor | grep -q '$far has had [0-9]* reads of pages that were not what was written'"

over_damage "bits flip on the way" flip_read 5
try "bits flip on the way: every page is right" load_may_not_fail
load_end "bits flip on the way"
try "bits flip on the way: no page is unreadable" same "unreadable pages" 0 "$(load_count unreadable)"
nothing_left "bits flip on the way"

over_damage "damage of all kinds" flip_slot 2 lose_write 2 swap_slots 50
load_end "damage of all kinds"
try "damage of all kinds: there was SIGBUS" test "$(load_count sigbus)" -gt 0
nothing_left "damage of all kinds"

try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
all_goes "$dying"
tap_end
