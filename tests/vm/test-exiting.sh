#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 600
# groups: full soak
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Pages go in bulk while evictors choose among them, with processes that end and with MADV_DONTNEED,
# and are soon another domain's: what a policy picks may be gone since it looked, however often in a
# row. That is no fault of the policy, which governs to the end. Every byte is verified.
. "$(dirname "$0")/lib.sh"

ours=/sys/fs/cgroup/exiting
others=/sys/fs/cgroup/exiting-others
log=$(mktemp)
trap 'rm -f "$tap_out" "$log"' EXIT

limit=8		# MiB, of each of the two cgroups

# ends PROCESSES KIB: so many at a time use so much each, and end; again and again.
ends()
{
	build/tests/exiting "$ours" "$2" exit $((6 * longer)) "$1"
}

gives_back()
{
	build/tests/exiting "$ours" $((limit * 1536)) drop $((6 * longer))
}

# What is there all the time: a process beside those, and one of the other domain that takes the pages
# which they free.
steady_start()
{
	build/tests/exiting "$ours" 1024 stay >"$log" 2>&1 &
	steady=($!)
	build/tests/exiting "$others" $((limit * 1536)) drop >>"$log" 2>&1 &
	steady+=($!)
}

steady_end()
{
	local pid status=0
	kill "${steady[@]}"
	for pid in "${steady[@]}"; do
		wait "$pid" || status=$?
	done
	cat "$log"
	return "$status"
}

# governs POLICY CGROUP: it does, and has all the time.
governs()
{
	same "the policy" "$1" "$(domain_field "$2" policy)" &&
		same "ejections" 0 "$(domain_field "$2" ejections)" && return
	domain_field "$2" last_exit
	return 1
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
for policy in hyperbolic lhd fifo; do
	for cg in "$ours" "$others"; do
		need "$policy: the cgroup" cg_make "$cg" "${limit}M"
		need "$policy: it loads" "$MAGE" policy load "$policy" --cgroup "$cg"
	done
	steady_start
	try "$policy: processes end, one at a time; no byte is wrong" ends 1 $((limit * 1536))
	try "$policy: processes end, four at a time; no byte is wrong" ends 4 $((limit * 512))
	try "$policy: memory is given back; no byte is wrong" gives_back
	try "$policy: what lasted has no byte wrong" steady_end
	# In ours threads are killed while they wait for room, and such a one does not wait on.
	try "$policy: no direct reclaim" no_direct_reclaim "$others"
	for cg in "$ours" "$others"; do
		try "$policy: pages went out and came back" domain_paged "$cg"
		try "$policy: it governs" governs "$policy" "$cg"
		try "$policy: no frame, slot or charge is left" eventually 30 domain_empties "$cg"
		try "$policy: the domain is ended" "$MAGE" policy unload --cgroup "$cg"
		try "$policy: the cgroup is removed" rmdir "$cg"
	done
	try "$policy: the far device is empty" eventually 30 device_is_empty "$far"
done
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
