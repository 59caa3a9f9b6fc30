#!/bin/bash
# vm: --smp 4 --mem 1G --timeout 600
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Nobody waits for the init or the exit of a policy but who attaches or replaces it: while one uses all the time
# that it may, "mage status" answers, another policy is attached, and a governed cgroup is removed.  It is the
# order of events that is looked at, in what the policy writes to memory that the test shares.  One that had ended
# by then is tried again: it may have been the machine that was slow.  (What waits for a grace period of RCU waits
# for any callback, which the kernel does not preempt: swapoff, for one.  That ends all the same.)
. "$(dirname "$0")/lib.sh"

bad=build/tests/vm/policies
cg=/sys/fs/cgroup/beside
other=/sys/fs/cgroup/beside-other
gone=/sys/fs/cgroup/beside-gone

nothing()
{
	:
}

# A cgroup that is governed, to be removed.
govern_gone()
{
	[ -d "$gone" ] || cg_make "$gone" 32M
	"$MAGE" policy load "$bad/empty.bpf.o" --cgroup "$gone"
}

# while_it_runs BEFORE HOW ARGUMENT...: BEFORE is what to do before each attempt.
while_it_runs()
{
	local before=$1 how=$2 policy=slow_start status
	local -a with=("$bad/empty.bpf.o")
	shift 2
	[ "$how" != leave ] || policy=linger
	[ "$how" != attach ] || with=()
	for _ in {1..10}; do
		"$before" || return
		build/tests/beside "$how" "$(stat -c %i "$cg")" "$bad/$policy.bpf.o" "${with[@]}" "$@"
		status=$?
		[ "$status" -eq 3 ] || return "$status"
		echo "it was done after the callback had ended"
	done
	return 1
}

swapoff_ends()
{
	build/tests/beside attach "$(stat -c %i "$cg")" "$bad/slow_start.bpf.o" run swapoff "/dev/$far"
	[[ $? == [03] ]]
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 64M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 32M
need "another cgroup" cg_make "$other" 32M
for how in attach swap leave; do
	what=init
	[ $how != leave ] || what='exit'
	try "$how: status answers while $what runs" while_it_runs nothing $how run "$MAGE" status
	try "$how: another policy is attached while $what runs" while_it_runs nothing $how \
		attach "$(stat -c %i "$other")" "$bad/empty.bpf.o"
	try "$how: a governed cgroup is removed while $what runs" while_it_runs govern_gone $how \
		run rmdir "$gone"
done
try "swapoff ends, though init has used all its time" swapoff_ends
try "no domain is left" eventually 30 no_domains
rmdir "$cg" "$other"
try "the far device is disconnected" "$MAGE" device disconnect "$far"
tap_end
