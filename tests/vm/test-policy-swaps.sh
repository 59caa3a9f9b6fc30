#!/bin/bash
# vm: --smp 4 --mem 1G --timeout 600
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2317 # functions are called by way of "try"; $far is of load.sh
#
# The policy of a domain is replaced 1,000 times, by any of all policies, under a load whose every
# byte is verified: no call may find no policy.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

swaps=1000
objects=("$POLICIES"/*.bpf.o)
last=${objects[-1]##*/}
last=${last%.bpf.o}

# The swaps themselves, of objects that are loaded already; says how long they took.
swap_many()
{
	build/tests/policy_swaps "$(stat -c %i "$cg")" "$swaps" "${objects[@]}"
}

# Each once with the loader, which loads it first.
swap_each()
{
	local object
	for object in "${objects[@]}"; do
		"$MAGE" policy swap "$object" --cgroup "$cg" || return
	done
}

counter_is()
{
	same "$1" "$2" "$(domain_field "$cg" "$1")"
}

pages_move()
{
	local before
	before=$(domain_field "$cg" evictions)
	eventually 60 more_evictions "$before"
}

more_evictions()
{
	[ "$(domain_field "$cg" evictions)" -gt "$1" ]
}

need "a far device over dram" far_connect --backend dram --size 128M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 12M
try "a load starts" load_start --size 24M --threads 2 --seconds 500 --ops none
try "the policy is replaced $swaps times" swap_many
note <"$tap_out"
try "the load goes on" kill -0 "$cg_pid"
try "the kernel counts as many swaps" counter_is swaps $swaps
try "the loader replaces it by each of ${#objects[@]} policies" swap_each
try "pages move under the last one" pages_move
load_end "the load"
try "pages went out and came back" domain_paged "$cg"
try "the last policy governs" counter_is policy "$last"
try "no policy was ejected" counter_is ejections 0
try "no call found no policy" counter_is ungoverned 0
try "no thread gave up waiting" counter_is fallbacks 0
try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
