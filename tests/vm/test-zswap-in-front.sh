#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 240
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# zswap keeps pages that are on their way to a far device, and knows nothing of what goes there past
# it. No page may come back from it that has gone to far memory since: see mage_swapin_keep_slot().
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/swap_pages.sh"

cg=/sys/fs/cgroup/front

# vmstat KEY
vmstat()
{
	awk -v key="$1" '$1 == key { print $2 }' /proc/vmstat
}

# counts KEY COMMAND...: the command succeeds, and raises a counter of /proc/vmstat.
counts()
{
	local key=$1 before after
	before=$(vmstat "$key")
	shift
	"$@" || return
	after=$(vmstat "$key")
	echo "$key went from $before to $after"
	[ "$after" -gt "$before" ]
}

empty_by_swapoff()
{
	steps_start "$cg" fill:A:8 fill:B:16 shuffle:A:2 pageout:A fill:C:16 wait check:A check:B check:C
	steps_ready || return
	echo 128M >"$cg/memory.max" && swapoff "/dev/$far" || return
	steps_go
	steps_end
}

need "a far device" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
need "zswap is switched on" bash -c 'echo Y >/sys/module/zswap/parameters/enabled'
need "the cgroup" cg_make "$cg" 16M
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"

# A goes to zswap, comes back, is filled anew, goes to far memory by the evictors, comes back.
try "what zswap held does not come back" counts zswpin steps "$cg" \
	fill:A:2 pageout:A check:A again:A:1 fill:B:24 check:A check:B
try "zswap was used again and again" counts zswpout steps "$cg" \
	fill:A:8 fill:B:16 shuffle:A:6 check:B shuffle:A:2 check:A check:B
try "pages went out past it as well" domain_paged "$cg"

# Little is allowed in zswap: it writes pages to the device itself.
echo 32K >"$cg/memory.zswap.max"
try "zswap writes back" counts zswpwb steps "$cg" \
	fill:A:8 fill:B:16 shuffle:A:6 check:B shuffle:A:2 check:A check:B
echo max >"$cg/memory.zswap.max"

try "swapoff gets everything back" empty_by_swapoff
try "no frame, slot or charge is left" eventually 30 domain_empties "$cg"
tap_end
