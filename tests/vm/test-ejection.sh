#!/bin/bash
# vm: --smp 4 --mem 1G --timeout 1500
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

other_is_ended()
{
	[ "$(domain_field "$other" builtin)" = true ] &&
		same "the kind" sysrq "$(domain_field "$other" last_exit.kind)"
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

# write VALUE FILE
write()
{
	echo "$1" >"$2"
}

refuses_write()
{
	! write "$@" 2>/dev/null || { echo "$2 takes $1"; return 1; }
}

kernel_says()
{
	dmesg | grep -Eq -- "$1"
}

# status_answers COMMAND...: while the command runs, which is to fail, "mage status" answers; that it does so
# before an init that it meets has ended is what test-beside-callbacks.sh looks at.
status_answers()
{
	local answers=0 longest=0 begin took pid
	"$@" &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		begin=$(date +%s%N)
		"$MAGE" status >/dev/null || return
		took=$((($(date +%s%N) - begin) / 1000000))
		[ "$took" -le "$longest" ] || longest=$took
		answers=$((answers + 1))
	done
	echo "$answers answers meanwhile, after $longest ms at most"
	! wait "$pid" && [ "$answers" -gt 0 ]
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
misbehave number_reserve bad-number "reserve answered 65; it must be 0 to 64"
misbehave restless over-budget "after it had looked at 8192 frames"
misbehave hasty over-budget "began 1024 passes after it had looked at 8192 frames"
misbehave dawdle over-budget "select used [0-9]+ ms of CPU time; it may use 1000"
misbehave sloth over-budget "select, and what was called before, used [0-9]+ ms of CPU time for [0-9]+ pages"
misbehave greedy over-budget "more than its budget"
misbehave ponder over-budget "page_in used [0-9]+ ms of CPU time; it may use [0-9]+"
misbehave regret over-budget "page_out used [0-9]+ ms of CPU time; it may use [0-9]+"
misbehave brood over-budget "tick used [0-9]+ ms of CPU time; it may use 1000"

# The limit can be lowered, but neither lifted nor made nothing of.
knob=/sys/kernel/debug/mage/callback_ms
try "callback_ms: the limit is a second" same callback_ms 1000 "$(<$knob)"
for ms in 99 1001 0 -1; do
	try "callback_ms: $ms is refused" refuses_write "$ms" "$knob"
done
try "callback_ms: 200 is taken" write 200 "$knob"
misbehave dawdle over-budget "select used [0-9]+ ms of CPU time; it may use 200"
try "callback_ms: 1000 is taken" write 1000 "$knob"

# No callback holds on to its domain.
need "linger: it governs" "$MAGE" policy load "$bad/linger.bpf.o" --cgroup "$cg"
try "linger: a load starts under it" load_start "$cg"
try "linger: another takes over" "$MAGE" policy swap fifo --cgroup "$cg"
try "linger: the kernel says that its exit was ended" eventually 30 kernel_says \
	"policy linger of cgroup [0-9]+: exit used [0-9]+ ms of CPU time; it may use 1000"
try "linger: the other governs" same policy fifo "$(domain_field "$cg" policy)"
try "linger: the load goes on" goes_on
try "linger: no byte is wrong" load_end
try "linger: the domain is ended" "$MAGE" policy unload --cgroup "$cg"

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
try "refuse: a policy whose init fails does not take over" refuses 7 "'refuse' does not want to start: init returned -1: Operation not permitted" \
	"$MAGE" policy swap "$bad/refuse.bpf.o" --cgroup "$cg"
try "refuse: the one before governs" same policy fifo "$(domain_field "$cg" policy)"
try "refuse: the exit record says what init said" exit_is init refuse "init returned -1"
try "slow_start: a load starts" load_start "$cg"
try "slow_start: status answers while its init goes on" status_answers "$MAGE" policy swap \
	"$bad/slow_start.bpf.o" --cgroup "$cg"
note <"$tap_out"
try "slow_start: a policy that takes too long does not take over" refuses 7 "'slow_start' was refused: init used " \
	"$MAGE" policy swap "$bad/slow_start.bpf.o" --cgroup "$cg"
try "slow_start: the one before governs" same policy fifo "$(domain_field "$cg" policy)"
try "slow_start: the exit record says too-long" exit_is too-long slow_start \
	"init used [0-9]+ ms of CPU time; it may use 1000"
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
# What a policy may not be made of, and what the loader says to do about it.
for refused in "with_helper mage_for()" "with_iterator mage_for()" "with_goto may_goto" "with_global static" \
	"with_timer a timer" "with_user may not call" "with_call of a kind"; do
	name=${refused%% *}
	try "$name: the verifier refuses it" refuses 7 "the verifier refused program '${name:0:10}" \
		"$MAGE" policy swap "$bad/$name.bpf.o" --cgroup "$cg"
	try "$name: the loader says what to do" refuses 7 "${refused#* }" \
		"$MAGE" policy swap "$bad/$name.bpf.o" --cgroup "$cg"
done
try "trespass: the one before governs" same policy fifo "$(domain_field "$cg" policy)"
try "empty: an empty table takes over" "$MAGE" policy swap "$bad/empty.bpf.o" --cgroup "$cg"
try "empty: a load starts under it" load_start "$cg"
try "empty: it evicts" goes_on
try "empty: no byte is wrong" load_end
try "empty: it still governs" same policy empty "$(domain_field "$cg" policy)"
try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
# A key ends all policies, and what they governed goes on.
need "sysrq: another cgroup" cg_make "$other" 32M
need "sysrq: a policy governs" "$MAGE" policy load fifo --cgroup "$cg"
need "sysrq: a policy governs the other" "$MAGE" policy load clock --cgroup "$other"
try "sysrq: a load starts" load_start "$cg"
(cg_exec "$other" "$TORTURE" --size 64M --threads 1 --seconds "$long" --ops none) >/dev/null 2>&1 &
other_pid=$!
try "sysrq: the key is pressed" write M /proc/sysrq-trigger
try "sysrq: the policy is ended" eventually 60 ejected
try "sysrq: the exit record says sysrq" exit_is sysrq fifo "ended by sysrq M"
try "sysrq: the link has hung up" eventually 30 hung_up
try "sysrq: the other is ended" eventually 60 other_is_ended
try "sysrq: the load goes on under the built-in policy" goes_on
try "sysrq: no byte is wrong" load_end
kill "$other_pid"
try "sysrq: no byte of the other is wrong" wait "$other_pid"
try "sysrq: a policy can be loaded again" "$MAGE" policy load fifo --cgroup "$cg"
try "sysrq: it governs" same policy fifo "$(domain_field "$cg" policy)"
try "sysrq: the domain is ended" "$MAGE" policy unload --cgroup "$cg"
try "sysrq: the other domain is ended" "$MAGE" policy unload --cgroup "$other"
rmdir "$other"

try "a policy whose init fails makes no domain" refuses 7 "init returned -1: Operation not permitted" \
	"$MAGE" policy load "$bad/refuse.bpf.o" --cgroup "$cg"
try "no domain is left" eventually 30 domains_are 0
rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
