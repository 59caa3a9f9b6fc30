#!/bin/bash
# vm: --smp 4 --mem 2G --timeout 1500
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Verified loads over a far store that misbehaves (docs/pipeline.md): writes that fail, are torn, overtaken
# or never end, reads that do not end or fail, and a store that is too small. No byte may be wrong, and nothing may
# be left behind. Each load takes an eighth of $MAGE_TORTURE_SECONDS.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

seconds=$(((MAGE_TORTURE_SECONDS + 7) / 8))
faults=/sys/kernel/debug/mage/dram
outcomes=build/tests/vm/policies/outcomes.bpf.o
no_slot=4	# enum mage_outcome
write_failed=5

# set_fault NAME PROBABILITY INTERVAL TIMES: one kind of fault, as the kernel's fault attributes say it.
set_fault()
{
	echo "$2" >"$faults/$1/probability" &&
		echo "$3" >"$faults/$1/interval" &&
		echo "$4" >"$faults/$1/times"
}

# faults_on NAME PROBABILITY INTERVAL TIMES ...: these, and no others, are in force from now on.
faults_on()
{
	while [ $# -gt 0 ]; do
		set_fault "$1" "$2" "$3" "$4" || return
		shift 4
	done
	echo 1 >"$faults/faults"
}

# Whatever is held is let go.
faults_off()
{
	local probability
	echo 0 >"$faults/faults" || return
	for probability in "$faults"/*/probability; do
		echo 0 >"$probability" || return
	done
	same "what is held" 0 "$(cat "$faults/held")"
}

# held OPERATOR NUMBER
held()
{
	local n
	n=$(cat "$faults/held")
	test "$n" "$1" "$2" && return
	echo "$n operations are held, not $1 $2"
	return 1
}

# outcome NUMBER: how often the policy was told of it.
outcome()
{
	build/bpftool/bpftool --json map dump name outcomes.bss |
		jq -e --argjson n "$1" '[.. | objects | .counts? | values][0][$n]'
}

# saw NUMBER: it was told of it at least once more than before.
saw()
{
	local n
	n=$(outcome "$1") || return
	echo "outcome $1: $n times, before $before"
	[ "$n" -gt "$before" ]
}

# more FIELD BEFORE: a counter of the device has grown.
more()
{
	local n
	n=$(device_field "$far" "$1")
	echo "$1 of $far: $n, before $2"
	[ "$n" -gt "$2" ]
}

# over WHAT FAULT...: a load over that, which ends with the faults gone and everything given back.
over()
{
	local what=$1
	shift
	try "$what: the store misbehaves" faults_on "$@"
	load "$what" --size "$size" --threads 4 --seconds "$seconds" --direct-file /dev/ram0
	try "$what: the store behaves again" faults_off
	try "$what: pages went out and came back" domain_paged "$cg"
	nothing_left "$what"
}

far_down()
{
	swap_caches_drain && "$MAGE" device disconnect "$far" --swapoff
}

dying=$(cg_dying)
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
echo 1 >/sys/kernel/mm/ksm/run
need "the kernel has fault attributes for dram" test -e "$faults/fail_write/interval"
need "a far device over dram" far_up dram 256M
need "the cgroup" cg_make "$cg" 32M
need "the policy" "$MAGE" policy load "$outcomes" --cgroup "$cg"
set_size 64

before=$(outcome $write_failed)
errors=$(device_field "$far" write_errors)
over "every 7th page fails" fail_write 100 7 -1
try "every 7th page fails: the policy was told" saw $write_failed
try "every 7th page fails: the device counts it" more write_errors "$errors"

errors=$(device_field "$far" write_errors)
over "every 3rd batch is cut" cut_write 100 3 -1
try "every 3rd batch is cut: the device counts it" more write_errors "$errors"

over "every page is torn" tear_write 100 1 -1
over "half of the batches are overtaken" delay_write 50 1 -1
over "all of it at once" fail_write 10 1 -1 cut_write 10 1 -1 tear_write 50 1 -1 delay_write 50 1 -1

# Two batches of the evictor's four do not end.
try "held writes: the store will hold two" faults_on hold_write 100 5 2
try "held writes: the load starts" load_start --size "$size" --threads 4 --seconds "$long" --direct-file /dev/ram0
try "held writes: two are held" eventually 120 held -eq 2
evictions=$(domain_field "$cg" evictions)
evicts_more()
{
	[ "$(domain_field "$cg" evictions)" -gt $((evictions + 20000)) ]
}
try "held writes: pages go out all the same" eventually 120 evicts_more
try "held writes: still two" held -eq 2
try "held writes: they end" faults_off
load_end "held writes"
nothing_left "held writes"

# Processes die while the store has their pages; the pages wait for it, and nobody else does.
try "killed, writes held: the store will hold two" faults_on hold_write 100 5 2
try "killed, writes held: the load starts" load_start --size "$size" --threads 4 --seconds "$long" --ops none
try "killed, writes held: two are held" eventually 120 held -eq 2
try "killed, writes held: every process is gone" cg_kill "$cg"
cg_wait 2>/dev/null
try "killed, writes held: that was its end" same "the exit status" 137 $?
note <"$log"
try "killed, writes held: still two" held -eq 2
try "killed, writes held: they end" faults_off
nothing_left "killed, writes held"

# Threads that wait for a page wait; the others go on, and the policy can be replaced.
# Not before the load runs: the thread that says so might be one of them.
try "held reads: the load starts" load_start --size "$size" --threads 4 --seconds "$long" --ops none
try "held reads: the store will hold two" faults_on hold_read 100 50 2
try "held reads: two are held" eventually 120 held -eq 2
try "held reads: another policy takes over" "$MAGE" policy swap "$POLICIES/fifo.bpf.o" --cgroup "$cg"
try "held reads: and the first one again" "$MAGE" policy swap "$outcomes" --cgroup "$cg"
try "held reads: still two" held -eq 2
try "held reads: they end" faults_off
load_end "held reads"
nothing_left "held reads"
try "the policy governs, nothing was ejected" governed_by outcomes

# A page that cannot be read raises SIGBUS, and is right as soon as it can be.
try "reads fail: the load starts" load_start --may-sigbus --size "$size" --threads 4 --seconds "$long"
try "reads fail: it is told" load_may_fail
errors=$(device_field "$far" read_errors)
before=$(domain_field "$cg" read_errors)
try "reads fail: the store misbehaves" faults_on fail_read 100 20 -1
fails_often()
{
	more read_errors $((errors + 200))
}
try "reads fail: the device counts it" eventually 120 fails_often
note <"$tap_out"
try "reads fail: and so does the domain" test "$(domain_field "$cg" read_errors)" -gt "$before"
try "reads fail: the store behaves again" faults_off
try "reads fail: every page is right" load_may_not_fail
load_end "reads fail"
try "reads fail: there was SIGBUS" test "$(load_count sigbus)" -gt 0
try "reads fail: and no page is unreadable" same "unreadable pages" 0 "$(load_count unreadable)"
nothing_left "reads fail"

# A store that is too small: what of 64 MiB does not fit stays, whoever asks for its room.
try "small store: the other one goes" far_down
need "small store: a device of 20 MiB" far_up dram 20M
echo max >"$cg/memory.max"
try "small store: the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
before=$(outcome $no_slot)
fills()
{
	echo 16M 2>/dev/null >"$cg/memory.reclaim" || true
	saw "$no_slot"
}
try "small store: it fills up, and the policy is told" eventually 120 fills
note <"$tap_out"
try "small store: still there" kill -0 "$cg_pid"
try "small store: it is emptied under the load" swapoff "/dev/$far"
try "small store: nothing is in it" device_is_empty "$far"
try "small store: and taken into use again" swapon "/dev/$far"
before=$(outcome $no_slot)
try "small store: it fills up again" eventually 120 fills
note <"$tap_out"
load_end "small store"
nothing_left "small store"

try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
all_goes "$dying"
tap_end
