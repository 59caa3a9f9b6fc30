#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600 --disk 96M --disk 192M
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# A mirror of two block devices of which one does not answer for a while: a loop device, whose file system is
# frozen. The load goes on with the other one, and verifies every byte. When it answers it gets what it has
# missed. Then it is removed while it does not answer; it stays claimed until it does.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/mirror.sh

dying=$(cg_dying)
files=$(mktemp -d)

loop_up()
{
	mkfs.ext4 -q /dev/vdb && mount /dev/vdb "$files" && fallocate -l 96M "$files/far" &&
		loop=$(losetup --find --show --direct-io=on "$files/far")
}

loop_down()
{
	losetup --detach "$loop" && umount "$files" && rmdir "$files"
}

legs_are()
{
	same "the number of legs" "$1" "$(device_field "$far" "legs | length")"
}

need "a loop device" loop_up
need "the cgroup" cg_make "$cg" 16M
need "a mirror" far_on /dev/vda --path "$loop" --mirror
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg" --force
set_size 64
need "the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
under_way "both"

try "frozen: the file system" fsfreeze --freeze "$files"
try "frozen: the leg is suspended" eventually 60 leg_is 1 suspended
under_way "frozen"
try "frozen: the device is degraded" is_degraded
try "thawed: the file system" fsfreeze --unfreeze "$files"
try "thawed: the leg gets what it has missed" eventually 60 leg_is 1 in-sync
try "thawed: pages were copied" test "$(leg_field 1 copied)" -gt 0
try "thawed: the device is whole again" eventually 30 not_degraded
under_way "thawed"

try "removed: the file system is frozen" fsfreeze --freeze "$files"
try "removed: the leg is suspended" eventually 60 leg_is 1 suspended
try "removed: the leg goes" timeout 60 "$MAGE" device remove-leg "$far" 1
try "removed: there is one" legs_are 1
under_way "removed"
try "removed: what it is on is in use" mage_fails 6 "in use" "$MAGE" device add-leg "$far" --path "$loop"
try "removed: the file system is thawed" fsfreeze --unfreeze "$files"
try "removed: it can be a leg again" eventually 60 "$MAGE" device add-leg "$far" --path "$loop"
try "removed: it is filled" eventually 120 leg_is 2 in-sync
under_way "filled"

load_end "the load"
note <<<"longest visit of a page: $(load_count longest_ms) ms"
nothing_left "the end"
try "it is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "the loop device is not in use" loop_down
cg_reclaim_orphans "$cg"
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
try "nothing is left" no_devices
tap_end
