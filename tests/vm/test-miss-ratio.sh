#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900
# SPDX-License-Identifier: GPL-2.0-only
#
# Every policy plays every recorded trace, as loads and stores whose values are verified, with a share
# of its pages local; the faults are counted beside what the simulator says of as many local pages.
# Where that says that two policies differ clearly, they have to differ in the same sense here.
. "$(dirname "$0")/lib.sh"

cg=/sys/fs/cgroup/play
results=$(mktemp)
trap 'rm -f "$tap_out" "$results"' EXIT

# Of a trace's pages, in percent, for the cgroup; what is local is what headroom leaves of it.
share=30
# References played of each trace, its last.
references=10000
# Half of a batch: where the simulator starts one there are as many more pages local than on average.
half=16

# Two policies differ clearly when the one misses less than so many percent of what the other does, and
# so many times less in all. Here victims travel in batches that take their time, a bit that was
# cleared is seen late as long as a processor has the translation, and policies that act by the
# clock have another one: where pages are hot and misses few that moves the order.
clearly=80
at_least=$((references / 20))

# One queue, and batches of a size, as in the simulator.
echo 1 >/sys/kernel/debug/mage/shards
echo $((2 * half)) >/sys/kernel/debug/mage/batch

# limit TRACE: in bytes
limit()
{
	local pages
	pages=$(head -n 1 "$1" | cut -d ' ' -f 3)
	echo $((pages * 4096 * share / 100))
}

# simulated TRACE POLICY FRAMES: misses
simulated()
{
	build/sim/mage-sim --trace "$1" --last "$references" --policy "$2" --batch $((2 * half)) \
		--frames $(($3 + half)) --json |
		jq '.results[0].misses'
}

# play TRACE POLICY: adds a line to the results, TRACE POLICY LOCAL FAULTS MISSES.
play()
{
	local before frames faults misses player input name
	name=$(basename "$1" .trace)
	limit "$1" >"$cg/memory.max" || return
	before=$(domain_field "$cg" faults)
	coproc PLAYER { build/tests/trace_play "$1" "$cg" "$references"; }
	player=$PLAYER_PID input=${PLAYER[1]}
	read -r frames <&"${PLAYER[0]}" || return
	faults=$(($(domain_field "$cg" faults) - before))
	exec {input}>&-
	wait "$player" || return
	misses=$(simulated "$1" "$2" "$frames") || return
	if ! [[ "$frames $faults $misses" =~ ^[0-9]+\ [0-9]+\ [0-9]+$ ]]; then
		echo "$frames local, $faults faults, $misses simulated"
		return 1
	fi
	# What was ejected did not make these faults; that is a failure of its own, below.
	governs "$2" >/dev/null || return 0
	played[$name]=$((${played[$name]:-0} + 1))
	echo "$name $2 $frames $faults $misses" >>"$results"
}

# governs POLICY
governs()
{
	same "what governs" "$1" "$(domain_field "$cg" policy)" && return
	domain_field "$cg" last_exit
	return 1
}

# order_agrees TRACE ROWS: prints the pairs that do not; at least one has to differ.
order_agrees()
{
	awk -v trace="$1" -v rows="$2" -v clearly="$clearly" -v at_least="$at_least" '
		$1 == trace { name[++nr] = $2; faults[nr] = $4; misses[nr] = $5 }
		END {
			for (a = 1; a <= nr; a++)
				for (b = 1; b <= nr; b++) {
					if (misses[a] * 100 >= misses[b] * clearly ||
					    misses[b] - misses[a] < at_least)
						continue
					pairs++
					if (faults[a] < faults[b])
						continue
					wrong++
					printf "%s faults %d times and %s %d; the simulator: %d and %d\n",
						name[a], faults[a], name[b], faults[b],
						misses[a], misses[b]
				}
			printf "%d pairs differ clearly\n", pairs
			if (nr != rows)
				printf "%d policies instead of %d\n", nr, rows
			exit wrong > 0 || !pairs || nr != rows
		}' "$results"
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 128M --latency 20us --swapon
declare -A played	# by trace
# A policy is loaded once, as that takes longer than a play: it begins each trace but its first with
# what it has learnt, which the simulator's does not.
for source in policies/*.bpf.c; do
	policy=$(basename "$source" .bpf.c)
	need "the cgroup" mkdir "$cg"
	need "$policy: it loads" "$MAGE" policy load "$policy" --cgroup "$cg"
	for trace in tests/sim/traces/*.trace; do
		name=$(basename "$trace" .trace)
		try "$policy: no byte of $name is wrong" play "$trace" "$policy"
		governs "$policy" >/dev/null || break
	done
	try "$policy: it still governs" governs "$policy"
	"$MAGE" policy unload --cgroup "$cg" >/dev/null
	rmdir "$cg"
done
for trace in tests/sim/traces/*.trace; do
	name=$(basename "$trace" .trace)
	awk -v trace="$name" 'BEGIN { printf "%-12s %-12s %8s %10s %10s\n", "trace", "policy", "local",
			"faults", "simulated" }
		$1 == trace { printf "%-12s %-12s %8d %10d %10d\n", $1, $2, $3, $4, $5 }' "$results" | note
	try "$name: policies that differ clearly do so as simulated" order_agrees "$name" "${played[$name]:-0}"
	note <"$tap_out"
done
tap_end
