#!/bin/bash
# vm: --memnodes 1 --smp 4 --mem 2G --timeout 600
# groups: soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # load.sh sets $far
#
# Pages come to harm on a memory node: bits flip, pages are exchanged, pages are as they were before. It
# is found; the log names the slots, who reads them gets SIGBUS, and no byte is wrong. A node that does
# no harm is not accused.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/swap_pages.sh
. tests/vm/checksum.sh

seconds=$(((MAGE_TORTURE_SECONDS + 3) / 4))

# harmed WHAT COMMAND: a device of its own, so that each page of the node's is in use.
harmed()
{
	local what=$1 command=$2
	need "$what: a far device" far_up rdma 64M
	lossy_start "$what" tests/vm/memnode save
	try "$what: they go out" eventually 60 all_out
	try "$what: the memory node harms some" tests/vm/memnode "$command"
	lossy_end "$what"
	try "$what: the device goes" "$MAGE" device disconnect "$far" --swapoff
}

dying=$(cg_dying)
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
need "the daemon is stopped" tests/vm/memnode stop
need "the next one keeps what it lends" tests/vm/memnode keep
need "it is started" tests/vm/memnode start
need "the cgroup" cg_make "$cg" 32M
need "the policy" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cg" --force

harmed "bits flip" flip
harmed "pages are exchanged" exchange
harmed "pages are stale" stale

need "healthy: a far device" far_up rdma 256M
try "healthy: it has checksums" same checksums true "$(device_field "$far" checksums)"
set_size 64
load "healthy" --size "$size" --threads 4 --seconds "$seconds"
try "healthy: pages went out and came back" domain_paged "$cg"
try "healthy: every read fits" same mismatches 0 "$(device_field "$far" mismatches)"
nothing_left "healthy"

try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
all_goes "$dying"
tap_end
