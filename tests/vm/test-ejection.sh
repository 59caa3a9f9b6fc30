#!/bin/bash
# vm: --smp 4 --mem 1G --timeout 900
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# One misbehaving policy for each rule: the exit record says the exact kind, the link hangs up, the
# load goes on under the built-in policy, and no byte is wrong.
. "$(dirname "$0")/lib.sh"

bad=build/tests/vm/policies
cg=/sys/fs/cgroup/ejection
other=/sys/fs/cgroup/ejection-other
spied=/sys/fs/bpf/mage_spied
log=$(mktemp)
trap 'rm -f "$tap_out" "$log" "$spied"' EXIT

load_is_on()
{
	grep -q '^torture: filled' "$log" || ! kill -0 "$load_pid" 2>/dev/null
}

# load_start CGROUP OPTION...: reads and writes pages, twice as many as the limit allows.
load_start()
{
	(cg_exec "$1" "$TORTURE" --size 64M --threads 2 --seconds "$long" --ops none) >"$log" 2>&1 &
	load_pid=$!
	eventually 120 load_is_on && kill -0 "$load_pid"
}

load_end()
{
	local status
	kill "$load_pid" || return
	wait "$load_pid"
	status=$?
	[ "$status" -eq 0 ] || note <"$log"
	return "$status"
}

exit_is()
{
	domain_field "$cg" last_exit
	same "the kind" "$1" "$(domain_field "$cg" last_exit.kind)" &&
		same "the policy" "$2" "$(domain_field "$cg" last_exit.policy)" &&
		domain_field "$cg" last_exit.message | grep -Eq -- "$3"
}

ejected()
{
	[ "$(domain_field "$cg" builtin)" = true ]
}

# The built-in policy evicts and faults, more than before.
goes_on()
{
	local before
	before=$(domain_field "$cg" evictions)
	eventually 60 more_than "$before"
}

more_than()
{
	[ "$(domain_field "$cg" evictions)" -gt "$1" ]
}

# The link is still pinned, and has no map any more.
hung_up()
{
	local link
	link=$(build/bpftool/bpftool --json link show pinned "/sys/fs/bpf/mage/$(stat -c %i "$cg")")
	echo "$link"
	jq -e '.id > 0 and .type == "struct_ops" and .map_id == 0' <<<"$link"
}

# misbehave POLICY KIND MESSAGE [NAME]
misbehave()
{
	need "$1: the good policy governs" "$MAGE" policy load fifo --cgroup "$cg"
	try "$1: a load starts under it" load_start "$cg"
	try "$1: it takes over" "$MAGE" policy swap "$bad/$1.bpf.o" --cgroup "$cg"
	try "$1: it is ejected" eventually 120 ejected
	try "$1: the exit record says $2" exit_is "$2" "${4:-$1}" "$3"
	try "$1: the link has hung up" eventually 30 hung_up
	try "$1: the load goes on under the built-in policy" goes_on
	try "$1: no byte is wrong" load_end
	try "$1: no call found no policy" same ungoverned 0 "$(domain_field "$cg" ungoverned)"
	try "$1: the domain is ended" "$MAGE" policy unload --cgroup "$cg"
	try "$1: no domain is left" eventually 30 domains_are "${5:-0}"
}

domains_are()
{
	same "the number of domains" "$1" "$("$MAGE" status --json | jq '.domains | length')"
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 32M

misbehave double double-pick "picked a page that is a victim already" double_pick
misbehave idle no-progress "picked nothing"
misbehave number bad-number "batch_size answered 1000; it must be 1 to 512"
misbehave giveup self "this is more than I can do"
misbehave nowhere bad-frame "is no page"
misbehave number_headroom bad-number "headroom answered"
misbehave number_no_room bad-number "no_room answered 4097; it must be 0 to 4096"
misbehave restless over-budget "after it had looked at 8192 frames"
misbehave dawdle over-budget "select used [0-9]+ ms of CPU time; it may use 1000"
misbehave greedy over-budget "more than its budget"

# A policy that knows the pages of another domain.
need "thief: another cgroup" cg_make "$other" 32M
need "thief: a policy that tells its pages" "$MAGE" policy load "$bad/spy.bpf.o" --cgroup "$other"
try "thief: the other cgroup has pages" bash -c \
	". tests/vm/lib.sh; cg_exec $other '$TORTURE' --size 16M --threads 1 --seconds 1 --ops none"
(cg_exec "$other" "$TORTURE" --size 16M --threads 1 --seconds "$long" --ops none) >/dev/null 2>&1 &
other_pid=$!
misbehave thief foreign-frame "not the domain's" thief 1
kill "$other_pid"
try "thief: no byte of the other domain is wrong" wait "$other_pid"
try "thief: the other domain is ended" "$MAGE" policy unload --cgroup "$other"
rmdir "$other"

# What does not start leaves the one before in force.
need "refuse: the good policy governs" "$MAGE" policy load fifo --cgroup "$cg"
try "refuse: a policy whose init fails does not take over" refuses 4 "attaching 'refuse': Operation not permitted" \
	"$MAGE" policy swap "$bad/refuse.bpf.o" --cgroup "$cg"
try "refuse: the one before governs" same policy fifo "$(domain_field "$cg" policy)"
try "refuse: the exit record says what init said" exit_is init refuse "init returned -1"
try "slow_start: a load starts" load_start "$cg"
try "slow_start: a policy that takes too long does not take over" refuses 7 "'slow_start'" \
	"$MAGE" policy swap "$bad/slow_start.bpf.o" --cgroup "$cg"
try "slow_start: the one before governs" same policy fifo "$(domain_field "$cg" policy)"
try "slow_start: the exit record says too-long" exit_is too-long slow_start \
	"init took [0-9]+ ms; it may take 5000"
try "slow_start: the load goes on" goes_on
try "slow_start: no byte is wrong" load_end
try "newer_callback: the load says what the kernel does not know" refuses 7 "'foresee' of struct mage_ops" \
	"$MAGE" policy swap "$bad/newer_callback.bpf.o" --cgroup "$cg"
try "newer_function: the load says what the kernel does not have" refuses 7 \
	"the function 'mage_frame_foresee'" "$MAGE" policy swap "$bad/newer_function.bpf.o" --cgroup "$cg"
try "trespass: the verifier refuses what is for select alone" refuses 7 \
	"the verifier refused program 'trespass_page_i" "$MAGE" policy swap "$bad/trespass.bpf.o" --cgroup "$cg"
try "blame: the verifier refuses to have what does not govern give up" refuses 7 \
	"the verifier refused program 'blame_exit'" "$MAGE" policy swap "$bad/blame.bpf.o" --cgroup "$cg"
for forged in forged forged_frame; do
	try "$forged: the verifier refuses what a policy has made up" refuses 7 \
		"the verifier refused program '${forged:0:10}" "$MAGE" policy swap "$bad/$forged.bpf.o" --cgroup "$cg"
done
try "trespass: the one before governs" same policy fifo "$(domain_field "$cg" policy)"
try "empty: an empty table takes over" "$MAGE" policy swap "$bad/empty.bpf.o" --cgroup "$cg"
try "empty: a load starts under it" load_start "$cg"
try "empty: it evicts" goes_on
try "empty: no byte is wrong" load_end
try "empty: it still governs" same policy empty "$(domain_field "$cg" policy)"
try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
try "a policy whose init fails makes no domain" refuses 4 "attaching 'refuse': Operation not permitted" \
	"$MAGE" policy load "$bad/refuse.bpf.o" --cgroup "$cg"
try "no domain is left" eventually 30 domains_are 0
rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
