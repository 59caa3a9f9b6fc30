#!/bin/bash
# vm: --smp 4 --mem 1G --timeout 900
# groups: quick full
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Every callback of struct mage_ops and every function that a policy may call, under loads whose
# every byte is verified: a policy that uses them all counts what it sees and what it sees wrong.
. "$(dirname "$0")/lib.sh"

good=build/tests/vm/policies
probe=build/tests/policy_probe
cg=/sys/fs/cgroup/interface
pinned=/sys/fs/bpf/mage_cold
trap 'rm -f "$tap_out" "$pinned"' EXIT

# global POLICY VARIABLE [INDEX]: what a global variable of the loaded policy holds.
global()
{
	build/bpftool/bpftool --json map dump name "${1:0:8}.bss" |
		jq -e --arg name "$2" --argjson index "${3:-null}" \
			'[.. | objects | .[$name]? | values][0] | if $index == null then . else .[$index] end'
}

# compare WHAT VALUE OPERATOR NUMBER, with an operator of test(1)
compare()
{
	local operator=$3
	test "$2" "$operator" "$4" && return
	echo "$1 is $2; it should be $operator $4"
	return 1
}

# is POLICY VARIABLE [INDEX] OPERATOR NUMBER
is()
{
	local value name=$2
	if [ $# -eq 5 ]; then
		value=$(global "$1" "$2" "$3") || return
		shift
	else
		value=$(global "$1" "$2") || return
	fi
	compare "$name" "$value" "$3" "$4"
}

counter_is()
{
	local value
	value=$(domain_field "$cg" "$1")
	compare "$1" "$value" "$2" "$3"
}

in_cg()
{
	(cg_exec "$cg" "$@")
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 24M
# Two evictors, so that there is more than one to be asked for.
echo 2-3 >/sys/kernel/mm/mage/evictor_cpus
need "everything: it loads" "$MAGE" policy load "$good/everything.bpf.o" --cgroup "$cg"
try "everything: random reads and writes" in_cg "$TORTURE" --size 48M --threads 2 --seconds $((8 * MAGE_SLOWNESS)) \
	--ops none --quiet
try "everything: passes in order" in_cg "$probe" 48 scan 1
for reason in 0 1 3; do
	try "everything: pages came in, reason $reason" is everything in $reason -gt 0
done
for reason in 0 1; do
	try "everything: pages left, reason $reason" is everything out $reason -gt 0
done
try "everything: evictions are reported" is everything outcomes 0 -gt 0
for variable in ghosts named refused ticks scanned selects walked passed passed_around looked_around given victims processes \
	region_local region_far region_used region_frames region_found sampled dirty asked_evictors \
	asked_depth asked_headroom seen_dirty seen_clean; do
	try "everything: $variable" is everything $variable -gt 0
done
try "everything: ghosts know the addresses" is everything right_address -gt \
	$(($(global everything ghosts) * 9 / 10))
try "everything: a prefetcher sees pages that are local" is everything looks 2 -gt 0
try "prefetched pages are counted" counter_is prefetched -gt 0
try "hits are counted" counter_is prefetch_hits -gt 0
try "refaults are counted" counter_is refaults -gt 0
try "refault distances are added up" counter_is refault_distance -gt 0

try "MADV_PAGEOUT evicts" in_cg "$probe" 8 pageout
try "the policy hears of it" is everything hints 1 -ge 1500
try "MADV_COLD" in_cg "$probe" 8 cold
try "the policy hears of it" is everything hints 0 -ge 1500
try "MADV_WILLNEED prefetches" in_cg "$probe" 8 willneed
try "the policy hears of it" is everything hints 2 -gt 0

for variable in wrong_word wrong_ghost wrong_list wrong_rates wrong_fault \
	wrong_number wrong_flags wrong_region; do
	try "everything: $variable" is everything $variable -eq 0
done
try "everything: it still governs" same policy everything "$(domain_field "$cg" policy)"
try "no thread reclaimed for itself" counter_is fallbacks -eq 0

try "selfish: it takes over" "$MAGE" policy swap "$good/selfish.bpf.o" --cgroup "$cg"
try "selfish: random reads and writes" in_cg "$TORTURE" --size 48M --threads 2 --seconds $((4 * MAGE_SLOWNESS)) \
	--ops none --quiet
try "selfish: threads evicted for themselves" counter_is self_evictions -gt 0
try "selfish: it still governs" same policy selfish "$(domain_field "$cg" policy)"

try "hinted: it takes over" "$MAGE" policy swap "$good/hinted.bpf.o" --cgroup "$cg"
try "hinted: a process writes hints" in_cg "$probe" 48 hint "$pinned"
try "hinted: the policy finds them" is hinted cold -ge $((48 * 256))
try "hinted: it still governs" same policy hinted "$(domain_field "$cg" policy)"

try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
