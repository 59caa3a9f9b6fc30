#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 600
# groups: full
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Threads that wait for room, under the policy favour: one that is favoured takes from the reserve, or is
# passed by one other thread at most, while those that are not wait in turn. Without the policy others pass
# it. Policies change, and one is ejected, while threads wait. Each byte is verified, and in the end
# nothing is charged to the cgroup.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/probe.sh"

cg=/sys/fs/cgroup/favour
tracing=/sys/kernel/tracing
good=build/tests/vm/policies

# trace 1|0: the events of waits, to the end in a file.
trace()
{
	local event
	if [ "$1" = 1 ]; then
		echo >"$tracing/trace" && echo 16384 >"$tracing/buffer_size_kb" || return
	fi
	for event in mage_wait mage_reserve; do
		echo "$1" >"$tracing/events/mage/$event/enable" || return
	done
	[ "$1" = 1 ] || cat "$tracing/trace" >"$tap_out.trace"
}

# others: four programs that together have twice the limit, three times over it.
others()
{
	local _
	others=()
	for _ in 1 2 3 4; do
		(cg_exec "$cg" "$probe" 12 scan $((3 * longer))) &
		others+=($!)
	done
}

others_end()
{
	local pid status=0
	for pid in "${others[@]}"; do
		wait "$pid" || status=1
	done
	return "$status"
}

# run PASSES: beside the others a program with a nice value of -5, as $cg_pid; all verify their pages.
run()
{
	local status=0
	others
	cg_start "$log" "$cg" nice -n -5 "$probe" 12 scan "$1"
	cg_wait || status=1
	others_end || status=1
	note <"$log"
	return "$status"
}

# seen PATTERN: events of a thread.
seen()
{
	grep -c "$1" "$tap_out.trace"
}

# passed_most: of the waits of the program that is to be favoured.
passed_most()
{
	sed -n "s/.*-$cg_pid .* mage_wait: .* passed=\([0-9]*\).*/\1/p" "$tap_out.trace" | sort -n | tail -n 1
}

at_least()
{
	test "${3:-0}" -ge "$2" && return
	echo "$1 is ${3:-nothing}; it should be at least $2"
	return 1
}

at_most()
{
	test "${3:-0}" -le "$2" && return
	echo "$1 is $3; it should be at most $2"
	return 1
}

# all_asked: each time that a favoured thread found no room it took its page from the reserve, or waited.
all_asked()
{
	same "times that a favoured thread found no room" "$(global favour favoured)" \
		"$(($(seen mage_reserve:) + $(seen favoured=1)))"
}

# only_that: nobody else was favoured.
only_that()
{
	same "favoured waits of others" 0 \
		"$(grep -e favoured=1 -e mage_reserve: "$tap_out.trace" | grep -vc -- "-$cg_pid ")"
}

# swaps: another policy takes over again and again while the programs run.
swaps()
{
	local _
	others
	cg_start "$log" "$cg" nice -n -5 "$probe" 12 scan 3
	for _ in 1 2 3 4 5; do
		"$MAGE" policy swap clock --cgroup "$cg" && "$MAGE" policy swap favour --cgroup "$cg" || return
	done
	"$MAGE" policy swap "$good/number_reserve.bpf.o" --cgroup "$cg" || return
	eventually 30 same policy builtin "$(domain_field "$cg" policy)" || return
	"$MAGE" policy swap favour --cgroup "$cg" || return
	cg_wait && others_end
}

# is_uncharged: what the CPUs and the policy keep for the cgroup is given back.
is_uncharged()
{
	echo 0 >"$cg/memory.max"
	same memory.current 0 "$(cat "$cg/memory.current")"
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 24M
need "favour: it loads" "$MAGE" policy load favour --cgroup "$cg"
need "waits are traced" trace 1
try "favour: no byte is wrong" run $((2 * longer))
need "what was traced" trace 0
note <<<"favoured: $(seen mage_reserve:) took from the reserve, $(seen favoured=1) waited; others: $(seen favoured=0) waited"
try "favour: the program took from the reserve" at_least "takes" 1 "$(seen mage_reserve:)"
try "favour: others waited" at_least "waits" 1 "$(seen favoured=0)"
try "favour: it was asked each time" all_asked
try "favour: nobody else was favoured" only_that
try "favour: one thread at most passed it at a time" at_most "those that passed it" 1 "$(passed_most)"

need "clock: it takes over" "$MAGE" policy swap clock --cgroup "$cg"
need "waits are traced" trace 1
try "clock: no byte is wrong" run $((2 * longer))
need "what was traced" trace 0
try "clock: others passed it" at_least "those that passed it" 2 "$(passed_most)"
try "clock: nobody was favoured" same "favoured waits, and takes" 0 "$(grep -c -e favoured=1 -e mage_reserve: "$tap_out.trace")"

need "favour: it takes over" "$MAGE" policy swap favour --cgroup "$cg"
try "policies change while threads wait, and no byte is wrong" swaps
try "nobody gave the evictors up" same fallbacks 0 "$(domain_field "$cg" fallbacks)"
try "no frame, slot or charge is left" eventually 30 domain_empties "$cg"
try "nothing is charged to the cgroup" eventually 30 is_uncharged
try "favour: it still governs" same policy favour "$(domain_field "$cg" policy)"
try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
try "the cgroup is removed" rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
