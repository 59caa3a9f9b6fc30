#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 480 --append "mage=off ramdisk_size=65536"
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Booted with mage=off: no frames, no threads, no interfaces; everything that asks for Mage is told
# so, and memory goes out and comes back the stock way.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/boots.sh

swap=/dev/ram1

kernel_says()
{
	dmesg | grep "$1"
}

no_threads()
{
	same "threads of Mage" "" "$(cat /proc/[0-9]*/comm 2>/dev/null | grep mage_)"
}

no_files()
{
	local path
	for path in /sys/kernel/mm/mage /sys/kernel/debug/mage /sys/block/mage*; do
		[ ! -e "$path" ] || { echo "there is $path"; return 1; }
	done
}

plain_bpftool()
{
	build/bpftool/bpftool struct_ops register "$POLICIES/fifo.bpf.o" /sys/fs/bpf
}

no_struct_ops()
{
	same "struct_ops maps" "[]" "$(build/bpftool/bpftool --json struct_ops list)"
}

# The stock way, which is slow here: half of the region is local. With a few MiB stock reclaim gives up now
# and then, while all that there is was just used, and the program is killed.
load_over_swap()
{
	in_cg "$TORTURE" --quiet --seed "$seed" --size 48M --threads 2 --seconds 3 --ops none
}

# swapped WHAT: pages that went out, or came in, since the boot.
swapped()
{
	local pages
	pages=$(awk -v key="$1" '$1 == key { print $2 }' /proc/vmstat)
	echo "$1: $pages"
	[ "$pages" -gt 1000 ]
}

swap_is_empty()
{
	same "used on $swap" 0 "$(awk -v swap="$swap" '$1 == swap { print $4 }' /proc/swaps)"
}

cg_is_left_empty()
{
	cg_reclaim_orphans "$cg"
	swap_caches_drain && same "memory.swap.current" 0 "$(cat "$cg/memory.swap.current")" &&
		same "anon in memory.stat" 0 "$(cg_stat "$cg" anon)"
}

need "it was booted with mage=off" grep -qw mage=off /proc/cmdline
try "the kernel says so" kernel_says "mage: off by the kernel command line"
try "no frames" frames_are 0
try "no threads" no_threads
try "no files in sysfs and debugfs" no_files
need "a cgroup" cg_make "$cg" 24M
config=$(mktemp)
printf '[evictors]\ncpus = 0\n' >"$config"

# off STATUS ARGUMENT...: "mage ARGUMENT..." says why there is no Mage, in one line.
off()
{
	try "mage ${*:2} says why" mage_fails "$1" \
		"this kernel has no Mage, as it was booted with mage=off; take mage=off from the boot loader's" \
		"$MAGE" "${@:2}"
}

off 3 status
off 3 status --watch
off 3 top --batch
off 3 device connect --backend dram --size 16M
off 3 device list
off 3 device disconnect mage0
off 3 evictors
off 3 evictors --cpus 0
off 3 policy load fifo --cgroup "$cg"
off 3 policy swap fifo --cgroup "$cg"
off 3 policy unload --cgroup "$cg"
off 3 policy list
off 3 policy log
off 3 policy features
off 3 policy show "$cg"
off 3 policy tune "$cg" a=1
off 3 trace faults
off 3 trace record --cgroup "$cg" --output /dev/null
off 3 up --config "$config"
off 3 down --config "$config"
off 125 run --local 16M true
rm "$config"
try "mage doctor says why" refuses 1 "was booted with Mage switched off" "$MAGE" doctor
try "bpftool cannot load one either" refuses 255 "map 'fifo': failed to create" plain_bpftool
note <"$tap_out"
try "nothing is left of that" no_struct_ops

need "a stock swap area" mkswap -q $swap
need "it is switched on" swapon $swap
try "no byte is wrong, no hook is called" hooks_are_called 0 load_over_swap
note <"$tap_out"
try "pages went out" swapped pswpout
try "pages came back" swapped pswpin
try "no page or charge is left" eventually 30 cg_is_left_empty
try "the swap area is empty" eventually 30 swap_is_empty
try "it is switched off" swapoff $swap
dying=$(cg_dying)
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
tap_end
