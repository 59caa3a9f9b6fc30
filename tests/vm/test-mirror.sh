#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600 --disk 96M --disk 96M,bad=24M --disk 96M
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# A mirror of two disks under a load that verifies every byte. Of one a page cannot be read, and then it is
# taken out; another one takes its place and is filled; then the first is taken out. Nobody gets SIGBUS, and
# no byte is wrong.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/mirror.sh

dying=$(cg_dying)

# take_out DISK
take_out()
{
	local address
	address=$(basename "$(readlink -f "/sys/block/$1/device/..")")
	echo 1 >"/sys/bus/pci/devices/$address/remove"
}

leg_had_errors()
{
	[ "$(leg_field 1 read_errors)" -gt 0 ]
}

need "the cgroup" cg_make "$cg" 16M
need "a mirror" far_on /dev/vda --path /dev/vdb --mirror
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg" --force
try "it is whole" not_degraded
set_size 64
need "the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
under_way "both"
try "bad page: a read of it fails" eventually 120 leg_had_errors
under_way "bad page"

try "taken out: the disk goes" take_out vdb
try "taken out: its leg has failed" eventually 30 leg_is 1 failed
try "taken out: the device is degraded" is_degraded
under_way "taken out"
try "the other one may not be removed" mage_fails 6 "" "$MAGE" device remove-leg "$far" 0

try "added: another disk" "$MAGE" device add-leg "$far" --path /dev/vdc
try "added: it is filled" eventually 120 leg_is 2 in-sync
try "added: pages were copied" test "$(leg_field 2 copied)" -gt 0
try "added: the failed leg is removed" "$MAGE" device remove-leg "$far" 1
try "added: the device is whole again" eventually 30 not_degraded
under_way "added"

try "the other: the disk goes" take_out vda
try "the other: its leg has failed" eventually 30 leg_is 0 failed
try "the other: the device is degraded" is_degraded
under_way "the other"
load_end "the other"
nothing_left "the other"
try "it is disconnected" "$MAGE" device disconnect "$far" --swapoff

cg_reclaim_orphans "$cg"
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
try "nothing is left" no_devices
tap_end
