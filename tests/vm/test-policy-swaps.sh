#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600
# groups: quick full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2317 # functions are called by way of "try"; $far is of load.sh
#
# The policy of a domain is replaced 1,000 times and more, by any of all policies, under a load that does all
# that a program can do to its memory and whose every byte is verified: no call may find no policy.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

swaps=$((1000 * longer))

counter_is()
{
	same "$1" "$2" "$(domain_field "$cg" "$1")"
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 32M
need "a policy governs" swaps_start $swaps "$POLICIES"/*.bpf.o
need "a load starts" load_start --size 64M --threads 1 --op-threads 1 --seconds "$long"
try "the policy is replaced $swaps times" swaps_go
note <"$tap_out"
try "the load goes on" kill -0 "$cg_pid"
load_end "the load"
try "the kernel counts as many swaps" counter_is swaps $swaps
try "pages went out and came back" domain_paged "$cg"
try "no policy was ejected" counter_is ejections 0
try "no call found no policy" counter_is ungoverned 0
try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
