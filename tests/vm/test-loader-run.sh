#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 480
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# "mage run": the command gets its cgroup, its policy and its signals, its exit status comes through,
# and nothing is left of it, however it ended.
. "$(dirname "$0")/lib.sh"

parent=/sys/fs/cgroup/mage
pins=/sys/fs/bpf/mage
work=$(mktemp -d)

# exits STATUS COMMAND...
exits()
{
	local want=$1
	shift
	"$@" >"$work/output" 2>"$work/errors"
	same "the exit status of '$*'" "$want" $? || { cat "$work/output" "$work/errors"; return 1; }
}

# says PATTERN: on standard error, in the only line.
says()
{
	same "the number of error lines" 1 "$(wc -l <"$work/errors")" &&
		{ grep -E -- "$1" "$work/errors" || { cat "$work/errors"; return 1; }; }
}

nothing_is_left()
{
	same "cgroups" "" "$(ls -d "$parent" 2>/dev/null)" &&
		same "pins" "" "$(ls "$pins" 2>/dev/null)" && no_domains
}

run()
{
	"$MAGE" run --local 32M "$@"
}

# Writes 96 MiB, each page with its number, and reads them back twice.
pages='
import sys
size, step = 96 << 20, 4096
b = bytearray(size)
for i in range(0, size, step):
    b[i:i + 8] = i.to_bytes(8, "little")
for turn in range(2):
    for i in range(0, size, step):
        if b[i:i + 8] != i.to_bytes(8, "little") or any(b[i + 8:i + 64]):
            sys.exit(1)
print("right")
'

# in_cgroup FILE: a file of the cgroup that the shell with this command is in.
in_cgroup="cat /sys/fs/cgroup\$(sed s/^0:://  /proc/self/cgroup)"

need "a far device" "$MAGE" device connect --backend dram --latency 20us --size 256M --swapon

# -- What the command gets

try "the limit" same "memory.max" $((32 << 20)) "$(run -- sh -c "$in_cgroup/memory.max")"
try "no limit of swap" same "memory.swap.max" max "$(run -- sh -c "$in_cgroup/memory.swap.max")"
try "the built-in policy" same "the policy" builtin \
	"$(run -- "$MAGE" policy list --json | jq -r '.domains[0].policy')"
try "a policy by its name" same "the policy" clock \
	"$(run --policy clock -- "$MAGE" policy list --json | jq -r '.domains[0].policy')"
try "a policy by its file" same "the policy" fifo \
	"$(run --policy "$POLICIES/fifo.bpf.o" "$MAGE" policy list --json | jq -r '.domains[0].policy')"
try "it is pinned meanwhile" same "pinned" true \
	"$(run -- "$MAGE" policy list --json | jq -r '.domains[0].pinned')"
try "its own options are its own" exits 0 run printf -- "--local\n"
try "they come through" same "the output" "--local" "$(cat "$work/output")"
try "standard input" same "the output" "through" "$(echo through | run cat)"
before=$(device_field mage0 writes)
try "more memory than may be local" exits 0 run -- python3 -c "$pages"
try "each page was right" same "the output" right "$(cat "$work/output")"
try "pages went out" test "$(device_field mage0 writes)" -gt "$before"
try "nothing is left of all that" nothing_is_left

# -- How it ends

try "its exit status" exits 7 run sh -c 'exit 7'
try "the signal that ended it" exits 137 run sh -c 'kill -KILL $$'
try "no such command" exits 127 run -- /nonexistent/command
try "it is said" says "/nonexistent/command: cannot be started"
try "no executable" exits 126 run -- /etc/passwd
try "nothing is left of those" nothing_is_left
try "no size" exits 125 "$MAGE" run true
try "it is said to give one" says "--local is missing"
try "a size of zero" exits 125 "$MAGE" run --local 0 true
try "no command" exits 125 run
try "a command is missing" says "COMMAND is missing"
try "a misspelt option" exits 125 "$MAGE" run --locl 1G true
try "the option that was meant" says "did you mean --local"
try "a misspelt policy" exits 125 run --policy clokc true
try "the policy that was meant" says "no policy 'clokc'; did you mean clock"
try "a misspelt built-in one" exits 125 run --policy buildin true
try "the built-in one was meant" says "did you mean builtin"
try "nobody but root" exits 125 as_user "$MAGE" run --local 32M true
try "nothing is left of errors" nothing_is_left

# -- Signals

# start COMMAND...: in the background as $mage_pid, until it has said that it is ready.
start()
{
	mkfifo "$work/pipe"
	# A shell makes its background jobs ignore these two.
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$MAGE" run --local 32M --policy fifo -- "$@" >"$work/pipe" &
	mage_pid=$!
	read -r command_pid <"$work/pipe"
	rm "$work/pipe"
	[ -n "$command_pid" ]
}

# is_over PID: it may still have to be reaped, by somebody else.
is_over()
{
	! grep '^State:.[^ZX]' "/proc/$1/status"
}

ends()
{
	wait "$mage_pid"
	same "the exit status" "$1" $?
}

waiting='echo $$; while :; do sleep 0.1; done'
for signal in TERM INT HUP QUIT USR1; do
	need "a command that answers SIG$signal" start sh -c "trap 'exit 42' $signal; $waiting"
	kill -$signal "$mage_pid"
	try "it gets SIG$signal" ends 42
done
need "a command that answers none" start sh -c "$waiting"
kill -TERM "$mage_pid"
try "the signal ends it" ends 143
try "nothing is left of these" nothing_is_left

need "a command that leaves something behind" start sh -c 'sleep 1000 & echo $!'
try "it has ended" ends 0
try "so has what it left" is_over "$command_pid"
try "nothing is left of that one" nothing_is_left

# -- mage killed: the command goes on under its policy; the next one cleans up

need "one more" start sh -c "$waiting"
kill -KILL "$mage_pid"
wait "$mage_pid" 2>/dev/null
try "the command goes on" test -e "/proc/$command_pid"
try "its policy does, too" same "the policy" fifo \
	"$("$MAGE" policy list --json | jq -r '.domains[0].policy')"
kill -KILL "$command_pid"
try "it is over" eventually 30 cg_is_empty "$parent/run-$mage_pid"
try "the next" exits 0 run true
try "has cleaned up" eventually 30 nothing_is_left

try "the far device is disconnected" "$MAGE" device disconnect mage0 --swapoff
rm -rf "$work"
tap_end
