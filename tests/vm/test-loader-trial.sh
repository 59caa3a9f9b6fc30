#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# "mage policy swap --for": a policy on trial is kept, or the one before governs again, whatever happens meanwhile.
# Conditions are such that hold always, or never: how fast the machine is does not matter.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/policy.sh"

cg=/sys/fs/cgroup/trial
work=$(mktemp -d)
objects=build/tests/vm/policies

# A program that faults until it is killed, and looks at what it reads.
faulter()
{
	cg_start "$work/log" "$cg" python3 -c '
b, marks = bytearray(24 << 20), bytes(i & 255 for i in range(6144))
b[::4096] = marks
print("ready", flush=True)
while True:
    assert b[::4096] == marks'
}

# trial_start ARGUMENT...: in the background, as $trial; its output is in $work/trial.
trial_start()
{
	"$MAGE" policy swap "$@" --cgroup "$cg" --for 600s --revert-if 'faults < 0' >"$work/trial" 2>&1 &
	trial=$!
	eventually 60 grep -q 'on trial for' "$work/trial"
}

# trial_ends STATUS PATTERN
trial_ends()
{
	wait "$trial"
	same "the exit status" "$1" $? && tail -n 1 "$work/trial" | grep -E -- "$2"
}

# tried STATUS PATTERN ARGUMENT...: a trial to its end.
tried()
{
	"$MAGE" policy swap "${@:3}" --cgroup "$cg" >"$work/trial"
	same "the exit status" "$1" $? && tail -n 1 "$work/trial" | grep -E -- "$2" && return
	cat "$work/trial"
	return 1
}

# goes_unread: a trial whose reader leaves after the first line.
goes_unread()
{
	{ "$MAGE" policy swap sieve --cgroup "$cg" --for 40s --revert-if 'faults > 0' || true; } | head -n 1 |
		grep "governed by the policy 'sieve'"
}

need "a far device" "$MAGE" device connect --backend dram --size 128M --swapon
need "the cgroup" cg_make "$cg" 16M
wrong "no condition" 2 "need each other" policy swap sieve --cgroup "$cg" --for 1s
wrong "no time" 2 "need each other" policy swap sieve --cgroup "$cg" --revert-if 'p99 > 2x'
wrong "a time without its unit" 2 "give a time, as in --for 60s" \
	policy swap sieve --cgroup "$cg" --for 1 --revert-if 'p99 > 2x'
wrong "no metric" 2 "is no condition about p50, .*" policy swap sieve --cgroup "$cg" --for 1s --revert-if 'p98 > 2x'
need "a policy governs" "$MAGE" policy load "$objects/tuned.bpf.o" --cgroup "$cg" --set answer=33
try "nothing to compare with" refuses 1 "too little has happened under the policy before to compare with; nothing was changed; " \
	"$MAGE" policy swap sieve --cgroup "$cg" --for 1s --revert-if 'p99 > 2x'
try "the one before governs on" governed_by tuned
wrong "no such policy, which is known before anything is watched" 5 "stays in force" \
	policy swap seive --cgroup "$cg" --for 600s --revert-if 'p99 > 2x'
need "something faults" faulter
need "it does" eventually 120 grep -q ready "$work/log"
try "one that is kept" tried 0 "^$cg: governed by the policy 'sieve': .*kept: no rule held$" \
	sieve --for 1s --revert-if 'faults < 0' --revert-if 'p99 > 1000s'
try "it governs" governed_by sieve
need "a tuned one again" "$MAGE" policy swap "$objects/tuned.bpf.o" --cgroup "$cg" --set answer=33
try "one that is not" tried 8 "^$cg: governed by the policy 'tuned': .*'sieve' was reverted: faults > 0: faults [0-9.]+/s$" \
	sieve --for 5s --revert-if 'faults > 0'
try "the one before governs" governed_by tuned
try "with the tunables that it had" same "answer" 33 "$(value answer)"
try "relative to what was" tried 8 "reverted: faults > 0.0001x: faults [0-9.]+/s, before [0-9.]+/s$" \
	sieve --for 2s --revert-if 'faults > 0.0001x'
try "as JSON" same "states" "before sieve reverted" \
	"$("$MAGE" policy swap sieve --cgroup "$cg" --for 1s --revert-if 'faults > 0.0001x' --json | jq -r '.state // .policy' | uniq | paste -sd " ")"
try "nobody reads what it says" goes_unread
try "the one before governs all the same" eventually 60 governed_by tuned
try "a policy that is ejected" tried 8 "'number' was reverted: it was ejected$" \
	"$objects/number.bpf.o" --for 600s --revert-if 'faults < 0'
try "the one before governs after that" governed_by tuned
try "its pin is that of its link" shows "^/trial +tuned +bpf +[0-9]+ +yes" policy list
need "one that will be interrupted" trial_start sieve
try "the new one governs meanwhile" governed_by sieve
kill -INT "$trial"
try "interrupted" trial_ends 8 "'sieve' was reverted: interrupted$"
try "the one before governs then" governed_by tuned
need "one that somebody else ends" trial_start sieve
try "somebody else's swap" "$MAGE" policy swap clock --cgroup "$cg"
try "it is over" trial_ends 6 "the trial of 'sieve' is over, as somebody has replaced it"
try "that one stays" governed_by clock
need "one that is unloaded" trial_start sieve
try "somebody unloads it" "$MAGE" policy unload --cgroup "$cg"
try "nothing is attached anew" trial_ends 5 "somebody has unloaded the policy$"
try "nothing governs" no_domains
need "a policy once more" "$MAGE" policy load fifo --cgroup "$cg"
need "one whose loader is killed" trial_start sieve
kill -KILL "$trial"
wait "$trial" 2>/dev/null
try "it stays" governed_by sieve
kill "$cg_pid"
cg_wait
try "no byte was wrong" same "what the program says" "ready" "$(cat "$work/log")"

try "unloading it" "$MAGE" policy unload --cgroup "$cg"
try "the cgroup is removed" rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect mage0 --swapoff
rm -rf "$work"
tap_end
