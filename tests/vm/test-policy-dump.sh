#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900
# cpus: 1
# groups: quick full
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# What a policy says of itself, and what is counted of it: on request, while it governs, and in the
# record of one that was ejected; and policies that say too much, for too long, or what they may not.
. "$(dirname "$0")/lib.sh"

bad=build/tests/vm/policies
cg=/sys/fs/cgroup/dump
stats=/proc/sys/kernel/bpf_stats_enabled

# Goes through twice as much as there may be, and looks at every byte that it wrote.
hog()
{
	(cg_exec "$cg" python3 -c '
b, marks = bytearray(24 << 20), bytes(i & 255 for i in range(6144))
for turn in range(2):
    b[::4096] = marks
    assert b[::4096] == marks')
}

# hold_start: pages stay, twice as many as the limit allows, until hold_end looks at each.
hold_start()
{
	coproc hold { cg_exec "$cg" python3 -c '
import sys
b, marks = bytearray(24 << 20), bytes(i & 255 for i in range(6144))
b[::4096] = marks
print("filled", flush=True)
sys.stdin.read()
assert b[::4096] == marks'; }
	hold_pid=$!
	local said
	read -r said <&"${hold[0]}" && [ "$said" = filled ]
}

hold_end()
{
	local to=${hold[1]}
	exec {to}>&-
	wait "$hold_pid"
}

# shown JQ: of the policy that governs.
shown()
{
	"$MAGE" policy show "$cg" --json | jq -r "$1"
}

# dumped JQ: what it says.
dumped()
{
	"$MAGE" policy dump "$cg" --json | jq -r "$1"
}

# last JQ: of the last record.
last()
{
	"$MAGE" policy log --json | jq -r ".exits[-1] | $1"
}

# is WHAT WANT COMMAND...
is()
{
	same "$1" "$2" "$("${@:3}")"
}

ejected()
{
	[ "$(domain_field "$cg" builtin)" = true ]
}

victims_add_up()
{
	"$MAGE" policy show "$cg" --json | tee /dev/stderr | jq -e '.victims |
		.picks > 0 and .evictions > 0 and .clean_drops <= .evictions and
		.picks == .evictions + .cleaned + .spared + .rescues + .no_place + .write_errors + .gone + .excluded'
}

lists_add_up()
{
	"$MAGE" policy show "$cg" --json | jq -e '(.lists | length == 16) and ((.lists | add) > 100)'
}

# Evictors may be at it yet, so each is asked again until it is so.
calls_agree()
{
	is "its counter" "$(shown '.calls[] | select(.callback == "batch_size") | .calls') batches" counted batches
}

# counted VALUE NAME: a counter of the policy's own, with its unit.
counted()
{
	shown ".counters[] | select(.name == \"$1\") | \"\(.value) \(.unit)\""
}

need "a far device" "$MAGE" device connect --backend dram --size 128M --swapon
need "the cgroup" cg_make "$cg" 16M

# -- Refused at load

try "a dump that sleeps" refuses 7 "says_asleep" "$MAGE" policy load $bad/says_asleep.bpf.o --cgroup "$cg"
try "a dump that gives up" refuses 7 "mage_policy_error is not allowed" "$MAGE" policy load $bad/says_late.bpf.o --cgroup "$cg"
try "a dump that makes up where to write" refuses 7 "must point to scalar" "$MAGE" policy load $bad/forged_dump.bpf.o --cgroup "$cg"

# -- On request

need "a policy" "$MAGE" policy load $bad/says.bpf.o --cgroup "$cg"
try "a load" hold_start
try "it is asked" shows "^this is says, of [0-9]+ pages, list 0 has some$" policy dump "$cg"
try "by its name" shows "^line 1 of 2$" policy dump says
try "as JSON" is "the dump" "3 says false" \
	dumped '"\(.dump | split("\n") | length - 1) \(.policy) \(.dump_cut)"'
try "its calls" shows "^batch_size +[0-9]+ +0 +-$" policy show "$cg"
try "as JSON" is "calls of dump" 3 shown '.calls[] | select(.callback == "dump") | .calls'
try "as many as it counted itself" eventually 30 calls_agree
try "a counter that is negative" is "the counter" "-32 degrees" counted mood
try "counters for people" shows "^mood +-32 degrees +half of" policy show "$cg"
try "no counter is a tunable" is "tunables" '["answer","for_ever","lines"]' \
	shown '.tunables | map(.name) | sort | tojson'
try "lists" lists_add_up
try "lists for people" shows "^lists +0: [0-9]+ pages$" policy show "$cg"
try "the load ends with every byte right" hold_end
try "victims" eventually 30 victims_add_up
try "victims for people" shows "^evictions +[0-9]+ +evicted$" policy show "$cg"
try "no time is measured" is "the time" 0 shown '[.calls[].ns] | add'
echo 1 >$stats
try "a load that is measured" hog
try "there is time" is "whether there is" true shown '[.calls[].ns] | add > 0'
try "time for people" shows "^batch_size +[0-9]+ +0 +[0-9]+\.[0-9]$" policy show "$cg"
echo 0 >$stats

# -- Too much, and too long

try "it is to say too much" "$MAGE" policy tune "$cg" lines=100000
try "it is cut" is "whether it is, and length" "true 4095" dumped '"\(.dump_cut) \(.dump | length)"'
try "that is said" shows "cut short" policy dump "$cg"
try "it goes on to govern" is "builtin" false domain_field "$cg" builtin
try "it is to say nothing else for ever" "$MAGE" policy tune "$cg" lines=1 for_ever=true
try "what it had said is there" is "the text" "true 2" dumped '"\(.dump_cut) \(.dump | split("\n") | length - 1)"'
try "it is ejected" eventually 30 ejected
try "the record says what for" is "the record" "over-budget 1" \
	last '"\(.kind) \(.calls[] | select(.callback == "dump") | .errors)"'
try "its last words end as well" is "the words" "true 2" last '"\(.dump_cut) \(.dump | split("\n") | length - 1)"'
wrong "who governs now says nothing" 1 "no callback dump" policy dump "$cg"
try "the domain ends" "$MAGE" policy unload --cgroup "$cg"
wrong "no policy, no words" 5 "no domain" policy dump "$cg"

# -- Last words

try "the policy again" "$MAGE" policy load $bad/says.bpf.o --cgroup "$cg" --set lines=1
try "it is replaced" "$MAGE" policy swap fifo --cgroup "$cg"
try "one that goes in peace says nothing" is "the words" "replaced null" last '"\(.kind) \(.dump)"'
try "it comes back" "$MAGE" policy swap $bad/says.bpf.o --cgroup "$cg" --set lines=1
try "a load under it" hog
try "its calls are those since" eventually 30 calls_agree
try "it is to break a rule" "$MAGE" policy tune "$cg" answer=1000
try "a load" hog
try "it is ejected" eventually 30 ejected
try "the record has its words" is "kind and words" "bad-number line 0 of 1" \
	last '"\(.kind) \(.dump | split("\n")[1])"'
try "its lists as they were" is "whether there were pages" true last '.lists | add > 100'
try "and its calls" is "errors of batch_size" true \
	last '[.calls[] | select(.callback == "batch_size") | .errors >= 1] | any'
try "for people" shows "^    this is says, of [0-9]+ pages" policy log
try "with the calls" shows "^    batch_size +[0-9]+ +[1-9]" policy log
try "a load under the built-in policy" hog
try "the domain ends" "$MAGE" policy unload --cgroup "$cg"

# -- Those that come with Mage

declare -A says=([arc]="^remembered: [0-9]+ that left" [cacheus]="^R: +[0-9]+ pages" [damon]="^[0-9]+ regions:")
for policy in arc lecar cacheus damon; do
	try "$policy governs" "$MAGE" policy load $policy --cgroup "$cg"
	try "$policy: a load" hog
	try "$policy: it has counters" is "their units" pages shown '.counters | map(.unit) | unique | join(" ")'
	[ ! -v "says[$policy]" ] || try "$policy: it says how it is" shows "${says[$policy]}" policy dump $policy
	try "$policy: it ends" "$MAGE" policy unload --cgroup "$cg"
done

tap_end
