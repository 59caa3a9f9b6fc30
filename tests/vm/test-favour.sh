#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 600
# groups: soak
# shellcheck disable=SC2317,SC2016 # functions are called by way of "try"; expressions are awk's
#
# Threads that wait for room at a cgroup's limit. Under the policy favour one that is favoured, and comes
# when all others wait already, is served before them; under clock it is served after them. One that is
# not favoured waits beside many that are for no longer than those had four pages each time. Policies
# change, and one is ejected, while threads wait. Each byte is verified, and in the end nothing is charged
# to the cgroup.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/probe.sh"

cg=/sys/fs/cgroup/favour
tracing=/sys/kernel/tracing
knobs=/sys/kernel/debug/mage
# The store answers at the end, whatever happens.
trap 'echo 0 >"$knobs/dram/faults"; rm -f "$tap_out" "$tap_out".* "$log"' EXIT

# Programs that are favoured by their nice value have this one.
nice=-5

# starts COUNT NICE MIB: programs that scan until they are ended; their numbers are added to $started.
starts()
{
	local _
	for _ in $(seq "$1"); do
		# shellcheck disable=SC2016 # it is the other shell that expands
		nice -n "$2" bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$cg" "$probe" "$3" scan 0 &
		started+=($!)
	done
}

# ends: they verify their pages for the last time.
ends()
{
	local pid status=0
	kill "${started[@]}" || status=1
	for pid in "${started[@]}"; do
		wait "$pid" || status=1
	done
	started=()
	return "$status"
}

more_than()
{
	[ "$(domain_field "$cg" "$1")" -gt "$2" ]
}

# At the limit, in use: so many pages more were evicted.
settles()
{
	eventually 60 more_than evictions $(($(domain_field "$cg" evictions) + 4096))
}

# hold 1|0: the far store does not acknowledge what it is given, so that all have to wait.
hold()
{
	echo 100 >"$knobs/dram/hold_write/probability" && echo "$1" >"$knobs/dram/faults"
}

# all_wait PID...: for room. Who waits while it reads its text is in a hurry, and that is no turn.
all_wait()
{
	local pid stack
	for pid in "$@"; do
		stack=$(cat "/proc/$pid/stack")
		if [[ $stack != *mage_domain_wait* || $stack == *filemap_fault* ]]; then
			echo "$pid: $stack"
			return 1
		fi
	done
}

# are_still PID...: all wait, twice, and nothing was evicted in between, so that all do so at once.
are_still()
{
	local before
	before=$(domain_field "$cg" evictions) && all_wait "$@" && sleep 0.3 && all_wait "$@" &&
		same evictions "$before" "$(domain_field "$cg" evictions)"
}

# no_page_cache: stock reclaim would take it while all wait, and who needs it back waits for that.
no_page_cache()
{
	same "bytes of page cache" 0 "$(awk '$1 == "file" { print $2 }' "$cg/memory.stat")"
}

stopped()
{
	grep -q '^State:.T' "/proc/$1/status"
}

# comes_last COUNT FIRST LAST MIB: so many programs of the nice value FIRST run beside one of LAST, $last.
# That is stopped; when the others wait, and can get nothing, it goes on, until it waits as well. $asked
# is how often a favoured thread had found no room before.
comes_last()
{
	starts "$1" "$2" "$4" && starts 1 "$3" "$4" && last=${started[-1]} && settles &&
		no_page_cache && kill -STOP "$last" && eventually 30 stopped "$last" &&
		hold 1 && eventually 60 are_still "${started[@]:0:$1}" || return
	asked=$(global favour favoured) || asked=0
	trace_begins && kill -CONT "$last" && eventually 60 are_still "${started[@]}"
}

# -- what was traced: waits, in a file

trace_begins()
{
	echo 0 >"$tracing/tracing_on" && echo >"$tracing/trace" && echo 16384 >"$tracing/buffer_size_kb" &&
		echo 1 >"$tracing/events/mage/mage_wait/enable" &&
		echo 1 >"$tracing/events/mage/mage_reserve/enable" && echo 1 >"$tracing/tracing_on"
}

trace_ends()
{
	echo 0 >"$tracing/tracing_on" && cat "$tracing/trace" >"$tap_out.trace"
}

# seen PATTERN: how many events.
seen()
{
	grep -c -- "$1" "$tap_out.trace"
}

# goes_on: its wait is over, which is in the trace then.
goes_on()
{
	hold 0 && eventually 60 grep -q -- "-$last .* mage_wait:" "$tracing/trace"
}

# waits: of each of its waits how many that wait in turn were served meanwhile, and how many pages went to
# favoured threads and into the reserve.
waits()
{
	sed -n "s/.*-$last .* mage_wait: .* passed=\([0-9]*\) yielded=\([0-9]*\).*/\1 \2/p" "$tap_out.trace"
}

# most EXPRESSION: of awk, of these two; the highest of all its waits.
most()
{
	waits | awk "{ print $1 }" | sort -n | tail -n 1
}

at_least()
{
	test "${3:-0}" -ge "$2" && return
	echo "$1: ${3:-nothing}; it should be at least $2"
	return 1
}

at_most()
{
	test "${3:-$(($2 + 1))}" -le "$2" && return
	echo "$1: ${3:-nothing}; it should be at most $2"
	return 1
}

# -- results

# all_asked: each time that a favoured thread found no room it took its page from the reserve, or waited.
all_asked()
{
	same "times that a favoured thread found no room" "$(($(global favour favoured) - asked))" \
		"$(($(seen mage_reserve:) + $(seen favoured=1)))"
}

# only_that: nobody else was favoured.
only_that()
{
	same "favoured waits of others" 0 \
		"$(grep -e favoured=1 -e mage_reserve: "$tap_out.trace" | grep -vc -- "-$last ")"
}

ejected()
{
	[ "$(domain_field "$cg" builtin)" = true ]
}

# swaps: other policies take over while all wait, and one is ejected when they go on.
swaps()
{
	local _
	for _ in 1 2 3; do
		"$MAGE" policy swap clock --cgroup "$cg" && "$MAGE" policy swap favour --cgroup "$cg" || return
	done
	eventually 60 all_wait "${started[@]}" &&
		"$MAGE" policy swap build/tests/vm/policies/number_reserve.bpf.o --cgroup "$cg" &&
		hold 0 && eventually 60 ejected && settles
}

# is_uncharged: what the CPUs and the policy keep for the cgroup is given back. The kernel may have an
# object or two; the reserve is 32 pages.
is_uncharged()
{
	echo 0 >"$cg/memory.max"
	at_most "memory.current" $((16 * 4096)) "$(cat "$cg/memory.current")"
}

started=()
need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
# Else what was only read since would leave although the store holds its writes.
echo N >"$knobs/keep_clean"
# Charged to whoever reads it first.
need "the program is in the page cache" sh -c 'cat "$0" >/dev/null' "$probe"
# No program fits into it.
need "the cgroup" cg_make "$cg" 12M

need "favour: it loads" "$MAGE" policy load favour --cgroup "$cg"
need "favour: four wait, and one that is favoured comes last" comes_last 4 0 $nice 14
try "favour: it goes on" goes_on
try "favour: no byte is wrong" ends
need "what was traced" trace_ends
note <<<"favoured: $(seen mage_reserve:) took from the reserve, $(seen favoured=1) waited; others: $(seen favoured=0) waited"
try "favour: it is served before the others" at_most "those that were served before it" 1 "$(most '$1')"
try "favour: it was asked each time" all_asked
try "favour: nobody else was favoured" only_that

need "clock: it takes over" "$MAGE" policy swap clock --cgroup "$cg"
need "clock: four wait, and one comes last" comes_last 4 0 $nice 14
try "clock: it goes on" goes_on
try "clock: no byte is wrong" ends
need "what was traced" trace_ends
try "clock: the others are served before it" at_least "those that were served before it" 4 "$(most '$1')"
try "clock: nobody is favoured" same "favoured waits, and takes" 0 "$(grep -c -e favoured=1 -e mage_reserve: "$tap_out.trace")"

need "favour: it takes over" "$MAGE" policy swap favour --cgroup "$cg"
need "favour: six that are favoured wait, and one that is not comes last" comes_last 6 $nice 0 14
try "favour: it goes on beside them" goes_on
try "favour: no byte is wrong beside them" ends
need "what was traced" trace_ends
note <<<"most that a thread in turn has yielded: $(most '$2') pages"
try "favour: favoured threads were served before it" at_least "pages" 1 "$(most '$2')"
# For it, and for each other in turn that was served before it. What is freed between the look whether
# there is a page for it and that for the others goes to those.
try "favour: they had four pages at a time" at_most "pages beyond those" 4 "$(most '$2 - 4 * ($1 + 1)')"
try "favour: no frame, slot or charge is left" eventually 30 domain_empties "$cg"
try "favour: the reserve is given back" eventually 30 is_uncharged
echo 12M >"$cg/memory.max"

need "four wait once more, and a favoured one comes last" comes_last 4 0 $nice 14
try "policies change while threads wait, and one is ejected" swaps
try "no byte is wrong" ends
try "nobody gave the evictors up" same fallbacks 0 "$(domain_field "$cg" fallbacks)"
try "no frame, slot or charge is left" eventually 30 domain_empties "$cg"
try "nothing is charged to the cgroup" eventually 30 is_uncharged
try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
try "the cgroup is removed" rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
