#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 240
# groups: quick full
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# A page is not committed to a slot that readahead has put into the swap cache: see kept_slots.c and
# mage_slot_is_cached() in mm/mage/commit.c.
. "$(dirname "$0")/lib.sh"

: "${KEPT_SLOTS:=build/tests/kept_slots}"
cg=/sys/fs/cgroup/kept

in_cgroup()
{
	(cg_exec "$cg" "$@")
}

# Readahead by slots, as on a machine with a disk that has to seek.
echo false >/sys/kernel/mm/swap/vma_ra_enabled
echo 3 >/proc/sys/vm/page-cluster

need "a far device" far_connect --backend dram --latency 20us --size 128M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 16M
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"
try "no old bytes come back by readahead of kept slots" in_cgroup "$KEPT_SLOTS" &&
	note <"$tap_out"
try "no frame, slot or charge is left" eventually 30 domain_empties "$cg"
try "the far device is empty" eventually 30 device_is_empty "$far"
tap_end
