# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# (variables come from who sources it)
#
# What the tests of checksums share: pages of which some are lost. After lib.sh, load.sh and swap_pages.sh.

# more FIELD BEFORE [NUMBER]: a counter of the device has grown by so many, or by any number.
more()
{
	local n
	n=$(device_field "$far" "$1")
	echo "$1 of $far: $n, before $2"
	[ "$n" -gt "$2" ] && { [ $# -lt 3 ] || [ "$n" -eq $(($2 + $3)) ]; }
}

fits()
{
	same "mismatches of $far" 0 "$(device_field "$far" mismatches)"
}

# all_out: the pages of the cgroup's program are far.
all_out()
{
	echo 64M 2>/dev/null >"$cg/memory.reclaim"
	[ "$(cg_stat "$cg" anon)" -lt $((512 << 10)) ]
}

# lost_slots: those that the log names since the mark was set.
lost_slots()
{
	dmesg | sed "1,/$mark/d" | sed -n "s/.*mage: $far: slot \([0-9]*\) holds something else.*/\1/p" | sort -nu
}

# reports_each_slot: what a program could not read is what the log names.
reports_each_slot()
{
	local want
	want=$(sed -n 's/^lost //p' "$log" | sort -nu)
	same "the slots in the log" "$want" "$(lost_slots)"
}

lost_pages()
{
	grep -c '^lost ' "$log"
}

# lossy_start WHAT [COMMAND...]: a program has filled pages that were far before, and waits. The command
# was run while they were.
lossy_start()
{
	local what=$1
	shift
	mark="checksum-test-$what"
	echo "$mark" >/dev/kmsg
	mismatches=$(device_field "$far" mismatches)
	errors=$(device_field "$far" read_errors)
	steps_start "$cg" fill:A:4 wait again:A:1 wait lossy:A
	need "$what: the pages are there" steps_ready
	try "$what: they go out" eventually 60 all_out
	[ $# -eq 0 ] || try "$what: $*" "$@"
	steps_go
	need "$what: they are filled anew" steps_ready
}

# lossy_end WHAT: it reads them all. Some are lost, no byte is wrong.
lossy_end()
{
	local what=$1 lost
	steps_go
	steps_end >"$log"
	tap $? "$what: no byte wrong"
	note <"$log"
	lost=$(lost_pages)
	try "$what: some pages are lost" test "$lost" -gt 0
	try "$what: their slots are in the log" reports_each_slot
	try "$what: the device counts two reads of each" more mismatches "$mismatches" $((2 * lost))
	try "$what: and an error" more read_errors "$errors" "$lost"
}
