#!/bin/bash
# vm: --smp 4 --mem 1G --timeout 900
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2317 # functions are called by way of "try"; $far is of load.sh
#
# Every policy in policies/ under loads whose every byte is verified: reads and writes alone, then with
# all that a program can do to its memory. And each prefetcher with one of them.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

counter_is()
{
	same "$1" "$2" "$(domain_field "$cg" "$1")"
}

governs()
{
	counter_is policy "$1" && counter_is builtin false && counter_is ejections 0 && return
	domain_field "$cg" last_exit.message
	return 1
}

counter_grew()
{
	local count
	count=$(domain_field "$cg" "$1")
	echo "$1: $count"
	[ "${count:-0}" -gt 0 ]
}

probe()
{
	(cg_exec "$cg" build/tests/policy_probe "$@")
}

need "a far device over dram" far_connect --backend dram --size 128M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 12M

for source in policies/*.bpf.c; do
	policy=${source##*/}
	policy=${policy%.bpf.c}
	need "$policy: it loads" "$MAGE" policy load "$policy" --cgroup "$cg"
	load "$policy, reads and writes" --size 24M --threads 2 --seconds 2 --ops none --quiet
	try "$policy: pages went out and came back" domain_paged "$cg"
	try "$policy: no thread gave up waiting" counter_is fallbacks 0
	load "$policy, all operations" --size 24M --threads 2 --seconds 2 --quiet
	try "$policy: it still governs" governs "$policy"
	try "$policy: no call found no policy" counter_is ungoverned 0
	try "$policy: the domain is ended" "$MAGE" policy unload --cgroup "$cg"
done

for prefetcher in 1 2 3; do
	need "prefetcher $prefetcher: it loads" "$MAGE" policy load s3fifo --set prefetch=$prefetcher \
		--cgroup "$cg"
	try "prefetcher $prefetcher: passes in order" probe 24 scan 1
	try "prefetcher $prefetcher: pages were prefetched" counter_grew prefetched
	try "prefetcher $prefetcher: they were of use" counter_grew prefetch_hits
	load "prefetcher $prefetcher, reads and writes" --size 24M --threads 2 --seconds 1 --ops none \
		--quiet
	try "prefetcher $prefetcher: the policy still governs" governs s3fifo
	try "prefetcher $prefetcher: the domain is ended" "$MAGE" policy unload --cgroup "$cg"
done

rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
