#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600 --disk 96M --disk 96M,bad=24M
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
#
# Far devices on disks that fail: one of which a page cannot be read, and one that is taken out under a load.
# Who needs what is lost gets SIGBUS, all else is right, and nobody waits for what does not come.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

dying=$(cg_dying)

has_failed()
{
	same "the state" failed "$(device_field "$far" state)" &&
		same "the reason" "the block device was removed" "$(device_field "$far" reason)"
}

# reads_fail: at least one has.
reads_fail()
{
	test "$(device_field "$far" read_errors)" -gt 0
}

need "the cgroup" cg_make "$cg" 16M
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg" --force

# -- A bad page

try "bad page: a far device" far_on /dev/vdb
set_size 64
try "bad page: the load starts" load_start --may-sigbus --size "$size" --threads 2 --seconds "$long" --ops none
try "bad page: errors may happen" load_may_fail
try "bad page: a read fails" eventually 120 reads_fail
try "bad page: the device works on" same "the state" connected "$(device_field "$far" state)"
try "bad page: no write failed" same "write errors" 0 "$(device_field "$far" write_errors)"
load_end "bad page"
try "bad page: somebody got SIGBUS" test "$(load_count sigbus)" -gt 0
try "bad page: of no page beside it" same "pages" 1 "$(load_count pages)"
nothing_left "bad page"
try "bad page: it is disconnected" "$MAGE" device disconnect "$far" --swapoff

# -- A disk that is taken out

try "taken out: a far device" far_on /dev/vda
try "taken out: the load starts" load_start --may-sigbus --size "$size" --threads 2 --seconds "$long" --ops none
try "taken out: errors may happen" load_may_fail
# What is read in vain needs room for a moment.
echo 40M >"$cg/memory.max"
address=$(basename "$(readlink -f /sys/block/vda/device/..)")
try "taken out: the disk goes" bash -c "echo 1 >/sys/bus/pci/devices/$address/remove"
try "taken out: the far device has failed" eventually 30 has_failed
try "taken out: reads fail" eventually 60 reads_fail
echo max >"$cg/memory.max"
load_end "taken out"
try "taken out: somebody got SIGBUS" test "$(load_count sigbus)" -gt 0
try "taken out: the doctor says so" bash -c "'$MAGE' doctor | grep -q 'has failed (blk)'"
try "taken out: swapoff" eventually 30 swapoff "/dev/$far"
try "taken out: it is disconnected" "$MAGE" device disconnect "$far"

cg_reclaim_orphans "$cg"
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
try "nothing is left" no_devices
tap_end
