#!/bin/bash
# vm: --memnodes 1 --smp 4 --mem 1G --timeout 1800
# groups: soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2119,SC2120,SC2154,SC2317 # functions are called by way of "try"; steps_* are of swap_pages.sh
#
# A far device that does not answer, with zram of a lower priority beside it: pages of a cgroup that is
# governed, and of one that is not, go there, nobody waits or is killed for want of memory, and what was
# here is not taken for what is on the far device. When that is back pages go there again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/swap_pages.sh"
. "$(dirname "$0")/link.sh"

plain=/sys/fs/cgroup/plain
governed=/sys/fs/cgroup/governed
MIB=256

# far_up [LOSS_TIMEOUT]: of a higher priority than zram. It waits for longer than the slowest machine takes.
far_up()
{
	far=$(far_connect --backend rdma --address "${MAGE_MEMNODES%% *}" --secret-file "$MAGE_SECRET_FILE" \
		--size 64M --swapon --priority 10 --loss-timeout "${1:-1800s}")
}

beside_up()
{
	beside=$(far_connect --backend dram --latency 20us --size 64M --swapon --priority 7)
}

zram_up()
{
	echo 128M >/sys/block/zram0/disksize && mkswap -q /dev/zram0 && swapon -p 5 /dev/zram0
}

zram_used()
{
	awk '$1 == "/dev/zram0" { print $4 / 4 }' /proc/swaps
}

# Pages that are here and have a slot on the far device too, which stock swap keeps for them: they were
# shared, went, and came back.
with_copies()
{
	echo 4M >"$1/memory.reclaim"
	steps_go
	steps_ready || return
	echo "$(device_field "$far" slots_used) slots are in use, $(cg_stat "$1" swapcached) bytes in the swap cache"
	[ "$(device_field "$far" slots_used)" -ge "$MIB" ]
}

# evicts_elsewhere CGROUP MIB: the step taken now has so much written to zram.
evicts_elsewhere()
{
	local before after
	before=$(zram_used)
	steps_go
	steps_ready || return
	after=$(zram_used)
	echo "$before pages on zram, then $after"
	[ "$after" -ge $((before + $2 * MIB)) ] && nobody_was_killed "$1"
}

# evicts_to DEVICE CGROUP MIB: it has so much written to that far device.
evicts_to()
{
	local before after
	before=$(device_field "$1" writes)
	steps_go
	steps_ready || return
	after=$(device_field "$1" writes)
	echo "$before pages written to $1, then $after"
	[ "$after" -ge $((before + $3 * MIB)) ] && nobody_was_killed "$2"
}

nobody_was_killed()
{
	same "oom_kill of $1" 0 "$(awk '$1 == "oom_kill" { print $2 }' "$1/memory.events")"
}

far_again()
{
	[ -n "$(device_field "$far" state)" ] || far_up
}

# As domain_empties(), of what no policy governs.
far_empties()
{
	cg_reclaim_orphans "$plain"
	swap_caches_drain && device_is_empty "$far"
}

swapoff_begins()
{
	swapoff "/dev/$far" &
	swapoff_pid=$!
	eventually 60 grep try_to_unuse "/proc/$swapoff_pid/stack"
}

zram_written()
{
	awk '{ print $7 / 8 }' /sys/block/zram0/stat
}

far_written()
{
	device_field "$far" writes
}

# takes WHERE CGROUP: another program has pages of the cgroup go there.
takes()
{
	local before after
	before=$("$1_written")
	steps "$2" fill:A:12 check:A || return
	after=$("$1_written")
	echo "$before pages written to $1, then $after"
	[ "$after" -ge $((before + 2 * MIB)) ] && nobody_was_killed "$2"
}

zram_takes()
{
	takes zram "$1"
}

far_takes()
{
	takes far "$1"
}

# swapoff_ends STATUS
swapoff_ends()
{
	wait "$swapoff_pid"
	same "the exit status of swapoff" "$1" $?
}

# ends CGROUP: every page was right.
ends()
{
	steps_go
	steps_end && nobody_was_killed "$1"
}

need "zram" zram_up
need "a plain cgroup" cg_make "$plain" 8M
need "a governed one" cg_make "$governed" 8M
need "a far device" far_up
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$governed"

# Not governed.
need "plain: pages that have a copy on it" steps_start "$plain" fill:A:4 fork wait check:A reap wait \
	fill:B:12 check:A check:B wait drop:B fill:C:8 check:A check:C wait check:A check:C
try "plain: they are there" steps_ready
try "plain: they are here as well" with_copies "$plain"
cut 0
try "plain: $far is suspended" eventually 60 state_is suspended
try "plain: pages go to zram" evicts_elsewhere "$plain" 4
mend 0
try "plain: $far is back" eventually 60 state_is connected
try "plain: pages go to it again" evicts_to "$far" "$plain" 1
try "plain: no byte is wrong" ends "$plain"
try "plain: the far device is empty" eventually 30 far_empties

# Governed: what went to the device before it was suspended is awaited, and all else goes on.
need "governed: pages" steps_start "$governed" fill:A:6 check:A wait fill:B:12 check:B wait check:A drop:B \
	fill:C:8 check:A check:C wait check:A check:C
try "governed: they are there" steps_ready
cut 0
try "governed: $far is suspended" eventually 60 state_is suspended
try "governed: pages go to zram" evicts_elsewhere "$governed" 4
mend 0
try "governed: $far is back" eventually 60 state_is connected
try "governed: pages go to it again" evicts_to "$far" "$governed" 1
try "governed: no byte is wrong" ends "$governed"
try "governed: no frame, slot or charge is left" eventually 30 domain_empties "$governed"

# The same with another far device, to which its evictors write.
try "two: a far device of a lower priority" beside_up
need "two: pages" steps_start "$governed" fill:A:6 check:A wait fill:B:12 check:B wait check:A check:B
try "two: they are there" steps_ready
cut 0
try "two: $far is suspended" eventually 60 state_is suspended
try "two: pages go to the other one" evicts_to "$beside" "$governed" 4
mend 0
try "two: $far is back" eventually 60 state_is connected
try "two: no byte is wrong" ends "$governed"
try "two: no frame, slot or charge is left" eventually 30 domain_empties "$governed"
try "two: the other one is disconnected" "$MAGE" device disconnect "$beside" --swapoff

# Switched off meanwhile, once given up and once not: it waits for what is there to come, nothing is taken
# for lost, and the area is what pages go to again, or is gone. (It holds the lock of the address space that
# it empties, so it is another program that has pages go. It looks for signals between two of
# them: a child has the same pages.)
for cgroup in "$plain" "$governed"; do
	name="${cgroup##*/}, swapoff"
	try "$name: a far device" far_again
	need "$name: pages" steps_start "$cgroup" fill:A:12 check:A fork wait check:A
	try "$name: they are there" steps_ready
	cut 0
	try "$name: $far is suspended" eventually 60 state_is suspended
	try "$name: swapoff waits" swapoff_begins
	kill "$swapoff_pid"
	try "$name: pages go to zram" zram_takes "$cgroup"
	mend 0
	try "$name: swapoff that was given up ends" swapoff_ends $((128 + 15))
	try "$name: pages go to $far again" far_takes "$cgroup"
	cut 0
	try "$name: $far is suspended again" eventually 60 state_is suspended
	try "$name: swapoff waits again" swapoff_begins
	try "$name: pages go to zram again" zram_takes "$cgroup"
	mend 0
	try "$name: swapoff ends" swapoff_ends 0
	try "$name: no byte is wrong" ends "$cgroup"
	try "$name: the far device is disconnected" "$MAGE" device disconnect "$far"
done
try "swapoff: no frame, slot or charge is left" eventually 30 domain_empties "$governed"

# For good.
try "failed: a far device that waits for 1 s" far_up 1s
try "failed: pages that have a copy on it" steps_start "$plain" fill:A:4 fork wait check:A reap wait \
	fill:B:12 check:A check:B wait check:A check:B
try "failed: they are there" steps_ready
try "failed: they are here as well" with_copies "$plain"
cut 0
try "failed: $far has failed" eventually 60 state_is failed
try "failed: pages go to zram" evicts_elsewhere "$plain" 4
try "failed: no byte is wrong" ends "$plain"
try "failed: the governed cgroup goes on, too" steps_start "$governed" fill:A:12 check:A wait check:A
try "failed: its pages are there" steps_ready
try "failed: no byte of it is wrong" ends "$governed"
mend 0
try "failed: the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "no far device is left" no_devices
tap_end
