#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900
# groups: quick full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2317 # functions are called by way of "try"; $far is of load.sh
#
# Every policy in policies/ governs for a while under a load whose every byte is verified, and moves pages
# out and in; then each prefetcher with one of them. (With all that a program can do to its memory they
# govern in test-policy-swaps.sh.)
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

pages=$((1000 * longer))	# that each moves at least

counter_is()
{
	same "$1" "$2" "$(domain_field "$cg" "$1")"
}

# fields FIELD[, .FIELD...]: several with one look, on one line.
fields()
{
	domain_field "$cg" "$1" | paste -sd ' '
}

governs()
{
	same "policy, whether built-in, ejections" "$1 false 0" "$(fields 'policy, .builtin, .ejections')" &&
		return
	domain_field "$cg" last_exit.message
	return 1
}

# counter_passes COUNTER NUMBER
counter_passes()
{
	local count
	count=$(domain_field "$cg" "$1")
	echo "$1 is $count, not more than $2 yet"
	[ "${count:-0}" -gt "$2" ]
}

# Ends at once when the load does, as it does when it finds a byte wrong.
moved_or_over()
{
	local now_evictions now_faults
	kill -0 "$cg_pid" 2>/dev/null || return 0
	read -r now_evictions now_faults <<<"$(fields 'evictions, .faults')"
	echo "$((now_evictions - evictions)) pages out, $((now_faults - faults)) in"
	[ $((now_evictions - evictions)) -ge "$pages" ] && [ $((now_faults - faults)) -ge "$pages" ]
}

moves_pages()
{
	read -r evictions faults <<<"$(fields 'evictions, .faults')"
	eventually $((60 * longer)) moved_or_over && kill -0 "$cg_pid"
}

probe()
{
	(cg_exec "$cg" build/tests/policy_probe "$@")
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 128M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 16M
need "a policy loads" "$MAGE" policy load builtin --cgroup "$cg"
need "a load starts" load_start --size 32M --threads 1 --seconds "$long" --ops none
for source in policies/*.bpf.c; do
	policy=${source##*/}
	policy=${policy%.bpf.c}
	try "$policy: it loads" "$MAGE" policy swap "$policy" --cgroup "$cg"
	try "$policy: pages go out and come back" moves_pages
	try "$policy: it still governs" governs "$policy"
done
load_end "all policies"
try "no thread gave up waiting" counter_is fallbacks 0
try "no call found no policy" counter_is ungoverned 0

for prefetcher in 1 2 3 4; do
	prefetched=$(domain_field "$cg" prefetched)
	hits=$(domain_field "$cg" prefetch_hits)
	try "prefetcher $prefetcher: it loads" "$MAGE" policy swap s3fifo --set prefetch=$prefetcher \
		--cgroup "$cg"
	try "prefetcher $prefetcher: passes in order, no byte wrong" probe 24 scan 1
	try "prefetcher $prefetcher: pages were prefetched" counter_passes prefetched "$prefetched"
	try "prefetcher $prefetcher: they were of use" counter_passes prefetch_hits "$hits"
	try "prefetcher $prefetcher: the policy still governs" governs s3fifo
done

try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
