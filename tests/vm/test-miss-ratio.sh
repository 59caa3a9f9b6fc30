#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 900
# groups: full soak
# cpus: 1
# host: tests/vm/miss-ratio-simulated
#
# Policies, some of them in long runs only, play every recorded trace, as loads and stores whose values
# are verified, with a share of its pages local. What it has played, and the faults, are printed for
# the program that compares them with the simulator, where that is fast; after
#
#   tests/vm/run --mem 1G -- tests/vm/test-miss-ratio.sh | tee FILE
#
# by tests/vm/miss-ratio-simulated <FILE.
. "$(dirname "$0")/lib.sh"

cg=/sys/fs/cgroup/play

# Of a trace's pages, in percent, for the cgroup; what is local is what headroom leaves of it.
share=30
# References played of each trace, its last.
references=10000
# As large as the simulator's.
batch=32
# Policies whose likes play anyway: it takes half a minute and more to play one.
long_only=(cflru favour lecar lruk twoq)
# These miss more or less here than in the simulator (policies/README.md). That lirs and wtinylfu go by
# how many pages are local at each selection, which moves with the batches in flight, may be why; and
# that lhd learns from what a few samples find used, which here is late and goes by the clock. What
# damon learns follows from how many references there are in a tick, which here the machine says.
# cacheus begins a trace with what it has learnt of the one before, and there misses more for it.
unlike=(cacheus damon lhd lirs wtinylfu)

# One queue, and batches of a size, as in the simulator.
echo 1 >/sys/kernel/debug/mage/shards
echo $batch >/sys/kernel/debug/mage/batch
note <<<"played last $references of each trace, in batches of $batch"

# limit TRACE: in bytes
limit()
{
	local pages
	pages=$(head -n 1 "$1" | cut -d ' ' -f 3)
	echo $((pages * 4096 * share / 100))
}

# look: $faults of the domain, and what governs, as $governor and $ejected.
look()
{
	read -r faults governor ejected <<<"$(domain_field "$cg" \
		'faults, .policy, .ejections' | paste -sd ' ')"
}

# play TRACE: leaves $frames, the local pages, and $played, the faults.
play()
{
	local before player input
	look
	before=$faults
	limit "$1" >"$cg/memory.max" || return
	coproc PLAYER { build/tests/trace_play "$1" "$cg" "$references"; }
	player=$PLAYER_PID input=${PLAYER[1]}
	read -r frames <&"${PLAYER[0]}" || return
	look
	played=$((faults - before))
	exec {input}>&-
	wait "$player" || return
	[[ $frames =~ ^[0-9]+$ ]] || { echo "$frames local"; return 1; }
}

# governs POLICY
governs()
{
	look
	same "what governs" "$1" "$governor" && same "ejections" 0 "$ejected" && return
	domain_field "$cg" last_exit
	return 1
}

need "a far device over dram" far_connect --backend dram --size 128M --latency 20us --swapon
# A policy is loaded once, as that takes longer than a play: it begins each trace but its first with
# what it has learnt, which the simulator's does not.
for source in policies/*.bpf.c; do
	policy=$(basename "$source" .bpf.c)
	[[ " ${unlike[*]} " != *" $policy "* ]] || continue
	[ "$longer" -gt 1 ] || [[ " ${long_only[*]} " != *" $policy "* ]] || continue
	need "the cgroup" mkdir "$cg"
	need "$policy: it loads" "$MAGE" policy load "$policy" --cgroup "$cg"
	for trace in tests/sim/traces/*.trace; do
		name=$(basename "$trace" .trace)
		try "$policy: no byte of $name is wrong" play "$trace"
		status=$?
		# What was ejected did not make these faults; that is a failure of its own, below.
		[ "$governor $ejected" = "$policy 0" ] || break
		[ $status -ne 0 ] || note <<<"played $name $policy $frames $played"
	done
	try "$policy: it still governs" governs "$policy"
	"$MAGE" policy unload --cgroup "$cg" >/dev/null
	rmdir "$cg"
done
tap_end
