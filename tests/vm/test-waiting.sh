#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 600
# groups: full soak
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Threads that find no room while they hold what others need: a transaction of ext4, or, as fork and
# mremap do, their address space. None waits for itself: each load ends, in a governed cgroup as in a
# plain one with the same limit and the same far device, with nobody killed and every byte verified.
# Nobody gave the evictors up. How long the longest step took is printed.
. "$(dirname "$0")/lib.sh"

plain=/sys/fs/cgroup/waiting-plain
governed=/sys/fs/cgroup/waiting
mnt=$(mktemp -d)
disk=$(mktemp)
trap 'umount "$mnt" 2>/dev/null; rm -rf "$tap_out" "$tap_out".* "$disk" "$mnt"' EXIT

# A load that takes longer waits for what does not come.
patience=$((150 * MAGE_SLOWNESS * longer))

make_fs()
{
	truncate -s 64M "$disk" && mkfs.ext4 -q "$disk" && mount -o loop "$disk" "$mnt"
}

# load CGROUP WHAT...
load()
{
	timeout --signal=KILL "$patience" build/tests/waiting "$@" && return
	echo "it ended with status $?, 137 if it took more than $patience s or was killed"
	cat "$1/memory.events"
	return 1
}

# files CGROUP: on ext4, beside memory that is in use.
files()
{
	local memory status
	build/tests/waiting "$1" touch 20480 >"$tap_out.memory" 2>&1 &
	memory=$!
	load "$1" files "$mnt" $((40 * longer))
	status=$?
	kill "$memory"
	wait "$memory" || status=1
	cat "$tap_out.memory"
	rm "$tap_out.memory"
	return "$status"
}

nobody_killed()
{
	same "oom_kill in memory.events" 0 "$(awk '$1 == "oom_kill" { print $2 }' "$1/memory.events")"
}

# loads NAME CGROUP
loads()
{
	echo 16M >"$2/memory.max"
	try "$1: files at the limit" files "$2" && note <"$tap_out"
	# The page tables that are needed once more are more than the room that is kept.
	echo 24M >"$2/memory.max"
	try "$1: memory moves at the limit" load "$2" move 20480 1500 $longer && note <"$tap_out"
	try "$1: a fork at the limit" load "$2" fork 20480 1500 $longer && note <"$tap_out"
	echo 40M >"$2/memory.max"
	try "$1: 64 processes fork at the limit" load "$2" storm 768 64 $longer && note <"$tap_out"
	try "$1: nobody was killed" nobody_killed "$2"
}

# A thread that waits for room that nobody makes, as the far store holds what it was given.
hold_writes()
{
	echo 100 >/sys/kernel/debug/mage/dram/hold_write/probability &&
		echo "$1" >/sys/kernel/debug/mage/dram/faults
}

waits()
{
	grep -q mage_domain_wait "/proc/$1/stack"
}

is_gone()
{
	! kill -0 "$1" 2>/dev/null
}

killed_waiter_goes()
{
	local pid status=0
	hold_writes 1 || return
	build/tests/waiting "$governed" touch 65536 &
	pid=$!
	eventually 30 waits "$pid" || status=1
	kill -KILL "$pid"
	eventually 5 is_gone "$pid" || { cat "/proc/$pid/stack"; status=1; }
	hold_writes 0
	wait "$pid"
	return "$status"
}

# The pages of a file in tmpfs can be swapped out, and belong to whoever touched them first.
end_fs()
{
	umount "$mnt" && rm "$disk"
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
need "a file system" make_fs
need "the plain cgroup" cg_make "$plain" 16M
need "the governed cgroup" cg_make "$governed" 16M
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$governed"
loads plain "$plain"
loads governed "$governed"
try "nobody gave the evictors up" same fallbacks 0 "$(domain_field "$governed" fallbacks)"
try "pages went out and came back" domain_paged "$governed"
try "fifo governs" same "the policy" fifo "$(domain_field "$governed" policy)"
try "a thread that is killed while it waits goes at once" killed_waiter_goes
try "the file system goes" end_fs
try "no frame, slot or charge is left" eventually 30 domain_empties "$governed"
try "the domain is ended" "$MAGE" policy unload --cgroup "$governed"
try "the far device is empty" eventually 30 device_is_empty "$far"
tap_end
