#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900 --disk 160M --disk 96M --append ramdisk_size=131072
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Far devices on block devices: verified loads over a disk, a partition, zram and a loop device, swapoff
# under one of them; what is refused; and a store that has no room for what it promised. Each load takes an
# eighth of $MAGE_TORTURE_SECONDS.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

seconds=$(((MAGE_TORTURE_SECONDS + 7) / 8))
work=$(mktemp -d)
dying=$(cg_dying)

# sysfs /dev/NAME FILE
sysfs()
{
	cat "/sys/class/block/${1#/dev/}/$2"
}

# did_io DEVICE BEFORE: it has read and written, by its own count.
did_io()
{
	local after
	after=$(sysfs "$1" stat)
	echo "before: $2"
	echo "after: $after"
	[ "$(awk '{ print $1 }' <<<"$after")" -gt "$(awk '{ print $1 }' <<<"$2")" ] &&
		[ "$(awk '{ print $5 }' <<<"$after")" -gt "$(awk '{ print $5 }' <<<"$2")" ]
}

# over NAME DEVICE [OPTION...]: a load over it.
over()
{
	local name=$1 device=$2 before
	shift 2
	before=$(sysfs "$device" stat)
	try "$name: a far device" far_on "$device" || return
	try "$name: it says on what" same "the path" "$device" "$(device_field "$far" path)"
	try "$name: it is claimed" mage_fails 6 "in use" "$MAGE" device connect --backend blk --path "$device"
	load "$name" --size "$size" --threads 2 --seconds "$seconds" "$@"
	try "$name: pages went out and came back" domain_paged "$cg"
	try "$name: the disk has seen them" did_io "$device" "$before"
	nothing_left "$name"
	try "$name: no error" same "errors" "0 0" \
		"$(device_field "$far" read_errors) $(device_field "$far" write_errors)"
	try "$name: it is disconnected" "$MAGE" device disconnect "$far" --swapoff
}

writes_fail()
{
	test "$(device_field "$far" write_errors)" -gt 0
}

zram_is_empty()
{
	same "pages stored" 0 "$(awk '{ print $1 }' /sys/block/zram0/mm_stat)"
}

# part DISK START COUNT: its only partition, in sectors, which is aligned to nothing.
part()
{
	python3 - "$@" <<'EOT' && blockdev --rereadpt "$1"
import struct, sys
with open(sys.argv[1], "r+b") as f:
    f.write(bytes(446) + struct.pack("<B3sB3sII", 0, b"", 0x83, b"", *map(int, sys.argv[2:]))
            + bytes(48) + b"\x55\xaa")
EOT
}

as_it_was()
{
	no_devices && same "swap areas" 1 "$(wc -l </proc/swaps)"
}

# -- What is refused; nothing stays behind, so that what follows finds all of it free.

connect=(device connect --backend blk)
wrong "no path" 2 "path is missing" "${connect[@]}"
wrong "a path that is relative" 2 "absolute" "${connect[@]}" --path vda
wrong "a path of another backend" 2 "--path: means nothing to the backend dram" \
	device connect --backend dram --size 16M --path /dev/vda
wrong "an option of another backend" 2 "--latency: means nothing to the backend blk" \
	"${connect[@]}" --path /dev/vda --latency 1ms
wrong "what is not there" 5 "No such file" "${connect[@]}" --path /dev/nothing
wrong "a file" 5 "no block device" "${connect[@]}" --path /etc/passwd
wrong "more than there is" 1 "has 167772160 bytes only; give a smaller --size" \
	"${connect[@]}" --path /dev/vda --size 161M
wrong "more than fits into a number" 2 "too large" "${connect[@]}" --path /dev/vda --size 99999999999G
try "as a user" mage_fails 4 "root" as_user "$MAGE" "${connect[@]}" --path /dev/vda
: >"$work/empty"
need "an empty loop device" losetup /dev/loop0 "$work/empty"
wrong "an empty device" 1 "has 0 bytes only" "${connect[@]}" --path /dev/loop0
losetup -d /dev/loop0
need "a file system" mkfs.ext4 -q -L precious /dev/ram1 16M
mkdir "$work/mnt"
need "it is mounted" mount /dev/ram1 "$work/mnt"
wrong "what is mounted" 6 "in use: mounted" "${connect[@]}" --path /dev/ram1
umount "$work/mnt"
wrong "a file system that is not mounted" 6 "is not empty: ext4, label \"precious\"; if that can go, remove it with 'wipefs --all" \
	"${connect[@]}" --path /dev/ram1
try "it is whole" fsck.ext4 -fn /dev/ram1
need "a partition table" part /dev/vdb 63 131072
wrong "a partition table" 6 "has a partition table .dos." "${connect[@]}" --path /dev/vdb
# As it says: then it is taken.
try "the file system is removed" wipefs --quiet --all /dev/ram1
try "what is empty is taken" "$MAGE" "${connect[@]}" --path /dev/ram1
try "it is given back" "$MAGE" device disconnect mage0
mkswap -q /dev/ram1 && swapon /dev/ram1
wrong "what is swap" 6 "in use" "${connect[@]}" --path /dev/ram1
swapoff /dev/ram1
blockdev --setro /dev/ram1
wrong "what is read-only" 1 "read-only" "${connect[@]}" --path /dev/ram1
blockdev --setrw /dev/ram1
need "a far device" "$MAGE" device connect --backend dram --size 16M
wrong "a far device" 1 "a far device itself" "${connect[@]}" --path /dev/mage0
try "it is removed" "$MAGE" device disconnect mage0
# It is connected, and then too small for a swap header.
wrong "a page" 1 "swap header" "${connect[@]}" --path /dev/vda --size 4K --swapon
try "nothing of all that is left" as_it_was

# -- Loads

need "the cgroup" cg_make "$cg" 32M
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg" --force
set_size 64

# Works read from it, too.
need "the policy reads ahead" "$MAGE" policy swap fifo --set prefetch=1 --set prefetch_window=16 --cgroup "$cg"
over "disk" /dev/vda --direct-file /dev/ram0
try "disk: pages were read ahead" test "$(domain_field "$cg" prefetched)" -gt 0
over "partition" /dev/vdb1 --ops none
echo 96M >/sys/block/zram0/disksize
try "zram wants pages that do not change" same "stable_writes" 1 "$(sysfs zram0 queue/stable_writes)"
over "zram" /dev/zram0 --ops none
try "zram: what was there is forgotten" eventually 30 zram_is_empty
truncate -s 96M "$work/file"
need "a loop device with sectors of a page" losetup -b 4096 /dev/loop1 "$work/file"
over "loop" /dev/loop1 --ops none
losetup -d /dev/loop1

# swapoff under a load.
try "swapoff: a far device" far_on /dev/vda
set_size 64
try "swapoff: the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
echo max >"$cg/memory.max"
try "swapoff: the device is switched off" swapoff "/dev/$far"
load_end "swapoff"
try "swapoff: it is disconnected" "$MAGE" device disconnect "$far"

# -- A store that promises more than it has: writes fail, pages stay, and nothing is wrong.

echo 1 >/sys/block/zram0/reset
echo 96M >/sys/block/zram0/disksize
echo 16M >/sys/block/zram0/mem_limit
try "no room: a far device on it" far_on /dev/zram0
set_size 64
# A limit that kills nobody, and leaves room for all until the load is under way.
echo max >"$cg/memory.max"
echo 56M >"$cg/memory.high"
try "no room: the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
echo 24M >"$cg/memory.high"
try "no room: writes fail" eventually 120 writes_fail
echo max >"$cg/memory.high"
load_end "no room"
try "no room: no read did" same "read errors" 0 "$(device_field "$far" read_errors)"
try "no room: it is disconnected" "$MAGE" device disconnect "$far" --swapoff

cg_reclaim_orphans "$cg"
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
try "the domain ended with it" eventually 30 no_domains
try "nothing is left" as_it_was
rm -rf "$work"
tap_end
