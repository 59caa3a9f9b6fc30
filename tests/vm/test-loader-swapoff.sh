#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 480 --append ramdisk_size=1048576
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# "mage device disconnect --swapoff" and "mage down" have no program killed: where the pages on the device
# do not fit elsewhere they refuse, whether a policy governs or not.
. "$(dirname "$0")/lib.sh"

root=/sys/fs/cgroup
cg=$root/app
work=$(mktemp -d)
config=$work/mage.conf
disconnect=(device disconnect mage0 --swapoff)

# Writes 40 MiB, each page with its number, and reads them back at the end of a pipe.
holder='
import sys
size, step = 40 << 20, 4096
b = bytearray(size)
for i in range(0, size, step):
    b[i:i + 8] = i.to_bytes(8, "little")
print("ready", flush=True)
open(sys.argv[1]).read()
for i in range(0, size, step):
    assert b[i:i + 8] == i.to_bytes(8, "little") and not any(b[i + 8:i + 64])
print("right")'

# hold CGROUP: the program is in it, and has what it writes; it ends with descriptor 7.
hold()
{
	rm -f "$work/pipe" && mkfifo "$work/pipe" &&
		cg_start "$work/log" "$1" python3 -c "$holder" "$work/pipe" &&
		exec 7<>"$work/pipe" && eventually 300 grep -q ready "$work/log"
}

# ends: the program finds every page, and was not killed.
ends()
{
	exec 7>&-
	cg_wait && grep -q right "$work/log"
}

nobody_was_killed()
{
	same "oom_kill" "oom_kill 0" "$(find "$root" -mindepth 2 -name memory.events -exec grep -h '^oom_kill ' {} + |
		sort -u)"
}

is_swap()
{
	same "swap" true "$(device_field mage0 swap)" && grep -q '^/dev/mage0 ' /proc/swaps
}

# stays NAME PATTERN: it is refused, and the device is in use as before.
stays()
{
	wrong "$1: refused" 6 "^mage: device disconnect: /dev/mage0: pages do not fit into local memory, by $2" \
		"${disconnect[@]}"
	try "$1: it is still swap" is_swap
	try "$1: nobody was killed" nobody_was_killed
}

device=(device connect --backend dram --size 128M --latency 20us --swapon)
need "a far device" "$MAGE" "${device[@]}"
need "a cgroup" cg_make "$cg" 24M
echo +memory >$root/cgroup.subtree_control

# -- A program that no policy governs

need "a program with more than its limit" hold "$cg"
stays "not governed" "[0-9]+ MiB: /app has [0-9]+ MiB in memory and in swap, its memory.max is 24 MiB, and other swap has room for 0 MiB; raise memory.max of $cg, end what runs in it, or add other swap$"
printf '[device]\nbackend = dram\nsize = 128M\nlatency = 20us\n[cgroup app]\npolicy = fifo\n' >"$config"
wrong "not governed: down" 6 "^mage: down: the far devices: pages do not fit .*; the policies stay in force$" \
	down --config "$config"
try "not governed: it is still swap after that" is_swap
mkswap -q /dev/ram1 && swapon -p 0 /dev/ram1
echo 0 >"$cg/memory.swap.max"
stays "no swap allowed" "[0-9]+ MiB: /app has .*; raise memory.max, or memory.swap.max, of $cg"
echo max >"$cg/memory.swap.max"
try "with other swap it goes" "$MAGE" "${disconnect[@]}"
try "the program finds its pages" ends
try "nobody was killed" nobody_was_killed
swapoff /dev/ram1

# -- One whose policy was unloaded

need "a far device again" "$MAGE" "${device[@]}"
need "a policy" "$MAGE" policy load fifo --cgroup "$cg"
need "a program under it" hold "$cg"
stays "governed" "[0-9]+ MiB: /app has"
try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
stays "unloaded" "[0-9]+ MiB: /app has"
echo 64M >"$cg/memory.max"
try "with a higher limit it goes" "$MAGE" "${disconnect[@]}"
try "the program finds its pages" ends
try "nobody was killed" nobody_was_killed

# -- A limit above, and a soft one

need "a cgroup above" mkdir $root/above
echo +memory >$root/above/cgroup.subtree_control
need "a cgroup below that" mkdir $root/above/below
echo 12M >$root/above/memory.high
need "a far device once more" "$MAGE" "${device[@]}"
need "a program in the one below" hold $root/above/below
stays "above" "[0-9]+ MiB: /above has [0-9]+ MiB in memory and in swap, its memory.high is 12 MiB"

# -- The machine's memory

# available MIB: no more than that is, as a RAM disk takes the rest.
available()
{
	local at=0 more
	while more=$(awk -v keep="$1" '$1 == "MemAvailable:" { print int($2 / 1024) - keep }' /proc/meminfo) &&
		[ "$more" -gt 0 ]; do
		dd if=/dev/zero of=/dev/ram2 bs=1M count="$more" seek="$at" oflag=direct status=none || return
		at=$((at + more))
	done
}

echo max >$root/above/memory.high
need "memory is taken" available 40
stays "memory" "[0-9]+ MiB: [0-9]+ MiB would come back, [0-9]+ MiB of memory are available, and other swap has room for 0 MiB; end what uses memory, or add other swap$"
need "memory is given back" blkdiscard /dev/ram2
try "then it goes" "$MAGE" "${disconnect[@]}"
try "the program finds its pages" ends

try "no device is left" no_devices
try "the cgroups are removed" rmdir "$cg" $root/above/below $root/above
rm -rf "$work"
tap_end
