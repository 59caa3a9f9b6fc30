#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Reclaim that is not for a domain's own limit: the whole machine's, and that of a cgroup above it. Where stock Linux
# goes on with the same far device in the same machine, nobody may be killed, and pages go out.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

dying=$(cg_dying)
parent=/sys/fs/cgroup/parent

available_mib()
{
	awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo
}

# vm_event NAME
vm_event()
{
	awk -v name="$1" '$1 == name { print $2 }' /proc/vmstat
}

# more_out BEFORE: pages went to swap, by whatever way.
more_out()
{
	local used
	used=$(device_field "$far" slots_used)
	echo "slots used: $used"
	[ "$used" -gt 0 ]
}

# overcommit NAME: a load that has a fifth more memory than there is; slots of the far device are used while it runs.
overcommit()
{
	local kills mib
	kills=$(vm_event oom_kill)
	mib=$(($(available_mib) * 6 / 5))
	# It takes even numbers only.
	load_start --size "$((mib - mib % 2))M" --threads 2 --seconds "$long" --ops none
	tap $? "$1: the load has filled its memory"
	try "$1: pages are in far memory" more_out
	note <"$tap_out"
	load_end "$1"
	try "$1: nobody was killed for memory" same oom_kill "$kills" "$(vm_event oom_kill)"
}

# limited BYTES: the limit of the cgroup above holds.
limited()
{
	local now
	now=$(cat "$parent/memory.current")
	echo "memory.current: $now"
	[ "$now" -le "$1" ]
}

# lowered NAME: a load's memory, when the limit of the cgroup above it is lowered to half of it.
lowered()
{
	local kills
	kills=$(vm_event oom_kill)
	echo max >"$parent/memory.max"
	load_start --size 96M --threads 2 --seconds "$long" --ops none
	tap $? "$1: the load has filled its memory"
	try "$1: the limit above is lowered" sh -c "echo 48M >$parent/memory.max"
	try "$1: it holds" limited $((48 << 20))
	note <"$tap_out"
	load_end "$1"
	try "$1: nobody was killed for memory" same oom_kill "$kills" "$(vm_event oom_kill)"
}

# asked_for NAME: memory.reclaim of the cgroup above, which says EAGAIN if it gets less than it was asked for.
asked_for()
{
	load_start --size 64M --threads 2 --seconds "$long" --ops none
	tap $? "$1: the load has filled its memory"
	try "$1: memory.reclaim above it" sh -c "echo 16M >$parent/memory.reclaim"
	load_end "$1"
}

# takes_no_pages: memory.reclaim for page cache only, of which there may be none.
takes_no_pages()
{
	local before
	before=$(domain_field "$cg" evictions)
	echo "8M swappiness=0" >"$cg/memory.reclaim"
	same evictions "$before" "$(domain_field "$cg" evictions)"
}

# page_cache_only NAME
page_cache_only()
{
	load_start --size 64M --threads 2 --seconds "$long" --ops none
	tap $? "$1: the load has filled its memory"
	try "$1: no page is evicted for it" takes_no_pages
	load_end "$1"
}

all_ways()
{
	overcommit "$1, whole machine"
	echo +memory >"$parent/cgroup.subtree_control"
	lowered "$1, cgroup above"
	echo max >"$parent/memory.max"
	asked_for "$1, cgroup above"
}

cg=$parent/torture
need "the cgroup" mkdir -p "$parent"
need "its controller" sh -c "echo +memory >$parent/cgroup.subtree_control"
need "the cgroup below" cg_make "$cg" max
need "a far device over dram" far_up dram 400M
all_ways stock
need "the policy clock" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cg"
all_ways governed
page_cache_only "governed, page cache is asked for"
try "the domain was used" domain_paged "$cg"
note <"$tap_out"
try "at the end: no frame, slot or charge is left" eventually 30 domain_empties "$cg"
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
try "the domain ended with it" eventually 30 no_domains
try "the cgroup above is removed" rmdir "$parent"
# Pages of others went out, too.
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "no far device is left" no_devices
tap_end
