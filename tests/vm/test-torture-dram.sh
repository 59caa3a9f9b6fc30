#!/bin/bash
# vm: --smp 4 --mem 2G --timeout 1800
# groups: quick full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Every byte of a region twice the limit is verified while everything that a program can do to its
# memory is done to it, over the dram backend; then nothing of it may be left.
# $MAGE_TORTURE_SECONDS (default 60) is the length of the loads with 1, 2 and 4 threads; the others
# take a quarter.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

seconds=$MAGE_TORTURE_SECONDS
short=$(((seconds + 3) / 4))
swaps=200

swap_to()
{
	"$MAGE" policy swap "$POLICIES/$1.bpf.o" --cgroup "$cg"
}

# So often by one process that has loaded both, as loading takes longest; then to and fro by "mage" until
# the load has lasted long enough; fifo governs at last.
swap_policies()
{
	swaps_go || return
	while
		swap_to clock && swap_to fifo || return
		[ "$SECONDS" -lt "$end" ]
	do
		:
	done
}

dying=$(cg_dying)
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
echo 1 >/sys/kernel/mm/ksm/run

need "a far device over dram" far_up dram 512M
need "the cgroup" cg_make "$cg" 64M
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"

# Reads and writes alone: every page goes the fast way, and nobody reclaims for himself.
set_size 128
load "plain" --size "$size" --threads 4 --seconds "$short" --ops none
try "plain: pages went out and came back" domain_paged "$cg"
try "plain: no direct reclaim" no_direct_reclaim "$cg"
nothing_left "plain"

for threads in 1 2; do
	load "$threads threads, all operations" --size "$size" --threads $threads \
		--seconds "$seconds" --direct-file /dev/ram0
	nothing_left "$threads threads"
done

echo always >/sys/kernel/mm/transparent_hugepage/enabled
need "4 threads: the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
need "4 threads: another process has fifo govern" swaps_start $swaps "$POLICIES"/{fifo,clock}.bpf.o
end=$((SECONDS + seconds))
try "4 threads: the load starts" load_start --size "$size" --threads 4 --seconds "$long" \
	--direct-file /dev/ram0
try "4 threads: the policy is swapped $swaps times and more" swap_policies
note <"$tap_out"
try "4 threads: the kernel counts them" test "$(domain_field "$cg" swaps)" -gt $swaps
load_end "4 threads, all operations, policies swapped"
try "4 threads: fifo governs, nothing was ejected" governed_by fifo
nothing_left "4 threads"
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled

load "killed in flight" --kill-test --size "$size" --threads 4 --seconds "$short"
nothing_left "killed in flight"

# With room for everything, swapoff brings every page back under the load.
set_size 64
try "swapoff: the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
echo max >"$cg/memory.max"
try "swapoff: the device is switched off with 64 MiB of the load in play" swapoff "/dev/$far"
try "swapoff: it is empty" device_is_empty "$far"
load_end "swapoff"
try "swapoff: the device is switched on again" swapon "/dev/$far"
nothing_left "swapoff"

# A populated cgroup cannot be removed: its processes are killed in the middle of the load.
set_size 64
try "removal: the load starts" load_start --size "$size" --threads 4 --seconds "$long" \
	--direct-file /dev/ram0
try "removal: a cgroup with processes stays" refuses 1 "Device or resource busy" rmdir "$cg"
try "removal: every process is killed" cg_kill "$cg"
cg_wait 2>/dev/null
try "removal: that, and no wrong byte, was its end" same "the exit status" 137 $?
note <"$log"
all_goes "$dying"
tap_end
