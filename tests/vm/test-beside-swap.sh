#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# A governed cgroup beside stock swap: what stock writes nothing for is not written, limits of swap and
# a full device are lived with, and priorities say where pages go.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/swap_pages.sh"

plain=/sys/fs/cgroup/plain
governed=/sys/fs/cgroup/governed
MIB=256

# written CGROUP STEP...: $pages is how many pages the far device has written meanwhile. On one CPU,
# as the order in which a domain's pages came is kept for each CPU only.
written()
{
	local before
	before=$(device_field "$far" writes)
	(cg_exec "$1" taskset -c 0 "$SWAP_PAGES" "${@:2}") || return
	pages=$(($(device_field "$far" writes) - before))
	echo "$1: $pages pages written"
}

# as_stock PAGES STEP...: governed no more than so many pages more are written than in a plain cgroup.
as_stock()
{
	local more=$1 stock
	shift
	written "$plain" "$@" || return
	stock=$pages
	written "$governed" "$@" && [ "$pages" -le $((stock + more)) ]
}

# make_cgroups LIMIT: one plain, one governed.
make_cgroups()
{
	cg_make "$plain" "$1" && cg_make "$governed" "$1" &&
		"$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$governed"
}

# frames_at_least PAGES
frames_at_least()
{
	local frames
	frames=$(domain_field "$governed" frames)
	echo "the domain has $frames pages"
	[ "$frames" -ge "$1" ]
}

# Nothing may go, so all stays the domain's; then it may, and goes; then there is no need any more.
swap_max_comes_and_goes()
{
	local evictions
	echo 0 >"$governed/memory.swap.max"
	steps_start "$governed" fill:A:29 wait check:A fill:B:29 check:A check:B wait drop:B \
		check:A wait check:A
	steps_ready && frames_at_least $((28 * MIB)) || return
	evictions=$(domain_field "$governed" evictions)
	echo max >"$governed/memory.swap.max"
	steps_go
	steps_ready && frames_at_least $((20 * MIB)) || return
	[ "$(domain_field "$governed" evictions)" -gt "$evictions" ] || return
	steps_go
	steps_ready || return
	echo 0 >"$governed/memory.swap.max"
	steps_go
	steps_end && echo max >"$governed/memory.swap.max"
}

# The evictors want to keep a few MiB free, and there is no place for as much.
device_is_full_and_empty_again()
{
	steps_start "$governed" fill:A:45 check:A wait again:A:1 check:A drop:A fill:B:45 check:B \
		again:B:3 check:B wait
	steps_ready && frames_at_least $((24 * MIB)) || return
	steps_go
	steps_ready && frames_at_least $((24 * MIB)) || return
	steps_go
	steps_end
}

# zram_used: pages in the swap area on zram.
zram_used()
{
	awk '$1 == "/dev/zram0" { print $4 / 4 }' /proc/swaps
}

# zram_on PRIORITY: and no CPU has slots of another swap area left to hand out.
zram_on()
{
	swap_caches_drain && mkswap -q /dev/zram0 && swapon -p "$1" /dev/zram0
}

zram_goes_first()
{
	zram_on 20 || return
	steps_start "$governed" fill:A:44 wait fill:B:24 check:A check:B wait
	steps_ready || return
	echo "$(zram_used) pages on zram, $(device_field "$far" slots_used) on the far device"
	[ "$(device_field "$far" slots_used)" -eq 0 ] && [ "$(zram_used)" -ge $((12 * MIB)) ] ||
		return
	steps_go
	steps_ready || return
	echo "$(zram_used) pages on zram, $(device_field "$far" slots_used) on the far device"
	[ "$(device_field "$far" slots_used)" -ge $((10 * MIB)) ] || return
	steps_go
	steps_end && swapoff /dev/zram0
}

far_goes_first()
{
	zram_on 5 || return
	steps_start "$governed" fill:A:48 check:A wait
	steps_ready || return
	same "pages on zram" 0 "$(zram_used)" || return
	steps_go
	steps_end && swapoff /dev/zram0
}

both_go_alike()
{
	local on_zram on_far
	zram_on 10 || return
	steps_start "$governed" fill:A:50 check:A wait check:A
	steps_ready || return
	on_zram=$(zram_used)
	on_far=$(device_field "$far" slots_used)
	echo "$on_zram pages on zram, $on_far on the far device"
	[ "$on_zram" -ge $((2 * MIB)) ] && [ "$on_far" -ge $((2 * MIB)) ] || return
	steps_go
	steps_end && swapoff /dev/zram0
}

# swapped_out: pages written to swap areas of whatever kind.
swapped_out()
{
	awk '$1 == "pswpout" { print $2 }' /proc/vmstat
}

# A swap area that writes on its own time frees nothing at once: no reason to send more.
no_more_goes_than_asked_for()
{
	local loop before asked=512 gone
	loop=$(losetup --find --show --direct-io=on /dev/zram0) && mkswap -q "$loop" &&
		swap_caches_drain && swapon -p 20 "$loop" || return
	steps_start "$governed" fill:A:24 wait check:A fill:B:20 check:A check:B again:A:4 check:B
	steps_ready || return
	before=$(swapped_out)
	echo $((asked * 4096)) >"$governed/memory.reclaim" || return
	gone=$(($(swapped_out) - before))
	echo "$gone pages went, $asked were asked for"
	[ "$gone" -ge $((asked / 2)) ] && [ "$gone" -le $((4 * asked)) ] || return
	steps_go
	steps_end && swapoff "$loop" && losetup -d "$loop"
}

need "a far device" far_connect --backend dram --latency 20us --size 256M --swapon --priority 10
far=$(tail -n 1 "$tap_out")
need "a plain cgroup and a governed one" make_cgroups 32M

try "pages of zeroes are not written" as_stock $((MIB / 2)) zero:A:64 check:A
try "nor written when they have been something else" as_stock $((14 * MIB)) \
	fill:B:8 zero:A:48 check:B again:A:4 check:A check:B
try "what MADV_FREE gave up is not written" as_stock $((4 * MIB)) \
	fill:A:24 free:A again:A:16 fill:B:24 check:A check:B
try "with memory.swap.max 0 pages stay the domain's, and go when they may" swap_max_comes_and_goes
try "no frame, slot or charge is left of that" eventually 30 domain_empties "$governed"

echo 24M >/sys/block/zram0/disksize
try "a swap area of a higher priority goes first" zram_goes_first
try "one of a lower priority does not" far_goes_first
try "of those with the same each has its turn" both_go_alike
try "to one that writes on its own time no more goes than is asked for" no_more_goes_than_asked_for
try "no frame, slot or charge is left" eventually 30 domain_empties "$governed"

need "a small far device in its place" bash -c \
	"'$MAGE' device disconnect --swapoff $far && '$MAGE' device connect --backend dram --latency 20us --size 16M --swapon"
far=$(tail -n 1 "$tap_out")
far=${far#/dev/}
try "a full device is lived with" device_is_full_and_empty_again
try "no frame, slot or charge is left on it" eventually 30 domain_empties "$governed"
tap_end
