#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 480 --append ramdisk_size=1048576
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# "mage device disconnect --swapoff" and "mage down" have no program killed: where the pages on the device
# do not fit elsewhere they refuse, whether a policy governs or not; and they give up where they do not fit
# any more.
. "$(dirname "$0")/lib.sh"

root=/sys/fs/cgroup
cg=$root/app
work=$(mktemp -d)
config=$work/mage.conf
disconnect=(device disconnect mage0 --swapoff)

# Writes 40 MiB, each page with its number. For each line of a pipe it writes 3 MiB more; at its end it
# reads back all of it.
holder='
import sys
step, all = 4096, []
def more(mib):
    b = bytearray(mib << 20)
    for i in range(0, len(b), step):
        b[i:i + 8] = i.to_bytes(8, "little")
    all.append(b)
more(40)
print("ready", flush=True)
for line in open(sys.argv[1]):
    more(3)
    print("grown", flush=True)
for b in all:
    for i in range(0, len(b), step):
        assert b[i:i + 8] == i.to_bytes(8, "little") and not any(b[i + 8:i + 64])
print("right")'

# hold CGROUP: the program is in it, and has what it writes; it reads descriptor 7.
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

# -- What does not fit any more

# swapped_is_below BYTES
swapped_is_below()
{
	[ "$(cat "$cg/memory.swap.current")" -lt "$1" ]
}

need "a slow far device" "$MAGE" device connect --backend dram --size 128M --latency 1ms --swapon
echo max >"$cg/memory.max"
echo +memory >"$cg/cgroup.subtree_control"
need "two cgroups below the first" cg_make "$cg/one" 30M
need "the second of them" cg_make "$cg/two" 30M
mkfifo "$work/second"
need "a program with more than its limit" cg_start "$work/other" "$cg/one" python3 -c "$holder" "$work/second"
second_pid=$cg_pid
second_log_pid=$cg_log_pid
exec 6<>"$work/second"
need "it has all of it" eventually 300 grep -q ready "$work/other"
need "another one" hold "$cg/two"
# Room for what both have now, and for little more.
has=$(($(cat "$cg/memory.current") + $(cat "$cg/memory.swap.current")))
for what in inactive_file active_file slab_reclaimable swapcached; do
	has=$((has - $(cg_stat "$cg" $what)))
done
echo $((has + (8 << 20))) >"$cg/memory.max"
echo max >"$cg/one/memory.max"
echo max >"$cg/two/memory.max"
swapped=$(cat "$cg/memory.swap.current")
"$MAGE" "${disconnect[@]}" >"$work/output" 2>"$work/errors" &
drain=$!
try "it is under way" eventually 120 swapped_is_below $((swapped - (2 << 20)))
# The kernel ends with the pages of one program, and does not begin with those of the other.
echo >&7
echo >&6
wait $drain
try "it is given up" same "the exit status" 6 $?
try "it is said why" grep -E "^mage: device disconnect: /dev/mage0: given up, it stays swap: pages do not fit into local memory, by [0-9]+ MiB: /app has" "$work/errors"
note <"$work/errors"
try "it is still swap after it" is_swap
try "nobody was killed for it" nobody_was_killed
try "the program finds its pages" ends
exec 6>&-
cg_pid=$second_pid cg_log_pid=$second_log_pid cg_log=$work/other
try "so does the other" cg_wait
try "each was right" grep right "$work/other"
try "it goes now" "$MAGE" "${disconnect[@]}"
try "no device is left" no_devices
try "the cgroups are removed" rmdir "$cg/one" "$cg/two" "$cg" $root/above/below $root/above
rm -rf "$work"
tap_end
