#!/bin/bash
# vm: --memnodes 1 --smp 4 --mem 2G --timeout 1500
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2317 # functions are called by way of "try"; $far is of load.sh
#
# Every byte is verified while pages go to a memory node and everything that a program can do to its
# memory is done to it. Then the memory node's daemon ends under such a load: pages that were there
# are lost, and raise SIGBUS; those and no others, and nothing hangs, and all is given back. Started
# again it serves another far device.
# $MAGE_TORTURE_SECONDS (default 60) is the length of the first load.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

seconds=$MAGE_TORTURE_SECONDS

# What leaves a page where it is, or does not need a new one: a domain whose far store is gone has no
# room for more.
ops=mremap,mprotect,pageout,cold,pagemap,smaps,compact

device_is_right()
{
	same "read_errors of $far" 0 "$(device_field "$far" read_errors)" &&
		same "write_errors of $far" 0 "$(device_field "$far" write_errors)" &&
		same "the state of $far" connected "$(device_field "$far" state)"
}

domain_is_right()
{
	same "read_errors" 0 "$(domain_field "$cg" read_errors)" &&
		same "write_errors" 0 "$(domain_field "$cg" write_errors)"
}

device_has_failed()
{
	same "the state of $far" failed "$(device_field "$far" state)"
}

# More than a few pages could not be read, says the domain and says the device, which is new.
errors_before=0
read_errors()
{
	local domain device
	domain=$(($(domain_field "$cg" read_errors) - errors_before))
	device=$(device_field "$far" read_errors)
	echo "read errors of the domain: $domain, of $far: $device"
	[ "$domain" -gt 100 ] && [ "$device" -ge "$domain" ]
}

# Reads that fail need room as well for a moment, and evictors can make none.
give_room()
{
	echo "$1" >"$cg/memory.max"
}

far_pages()
{
	echo $(($(domain_field "$cg" far_bytes) / 4096))
}

# sigbus_is_bounded FAR: pages that raised SIGBUS, and do so for ever, are among those that were far, with
# which those count that could not be written and are in the swap cache.
sigbus_is_bounded()
{
	local pages unreadable
	pages=$(load_count pages)
	unreadable=$(load_count unreadable)
	echo "$1 pages were far, $pages raised SIGBUS, $unreadable at last"
	[ "$pages" -gt 0 ] && [ "$pages" -le "$1" ] && [ "$unreadable" -eq "$pages" ]
}

carries_data()
{
	local writes reads
	writes=$(device_field "$far" writes)
	reads=$(device_field "$far" reads)
	echo "$far: $writes writes, $reads reads"
	[ "$writes" -gt 100 ] && [ "$reads" -gt 100 ] && device_is_right
}

dying=$(cg_dying)
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
echo 1 >/sys/kernel/mm/ksm/run

# It is not waited for here: test-rdma-resume.sh is about that.
need "a far device on the memory node" far_up rdma 256M --loss-timeout 0
need "the cgroup" cg_make "$cg" 16M
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"

set_size 32
load "all operations" --size "$size" --threads 4 --seconds "$seconds" --direct-file /dev/ram0
try "all operations: pages went out and came back" domain_paged "$cg"
try "all operations: the device had no error" device_is_right
try "all operations: nor had the domain" domain_is_right
nothing_left "all operations"

# The daemon ends as it should; the load ends, then the device is switched off.
try "stop: the load starts" load_start --may-sigbus --size "$size" --threads 4 --seconds "$long" \
	--ops $ops
try "stop: it is told that pages may be lost" load_may_fail
give_room 20M
try "stop: the daemon is stopped" tests/vm/memnode stop
try "stop: the far device has failed" eventually 60 device_has_failed
try "stop: pages cannot be read" eventually 60 read_errors
was_far=$(far_pages)
load_end "stop"
try "stop: SIGBUS of pages that were far only" sigbus_is_bounded "$was_far"
note <"$tap_out"
nothing_left "stop"
try "stop: the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "stop: none is left" no_devices

# The daemon is killed; the device is switched off under the load, which goes on with another one.
set_size 32
try "kill: the daemon is started again" tests/vm/memnode start
try "kill: a far device on it" far_up rdma 256M --loss-timeout 0
try "kill: the load starts" load_start --may-sigbus --size "$size" --threads 4 --seconds "$long" \
	--ops none
try "kill: the far device carries data" eventually 60 carries_data
try "kill: the load is told that pages may be lost" load_may_fail
give_room 20M
errors_before=$(domain_field "$cg" read_errors)
try "kill: the daemon is killed" tests/vm/memnode kill
try "kill: the far device has failed" eventually 60 device_has_failed
try "kill: no command is started that would need it" refuses 125 "$far has failed; see that its memory node runs" \
	"$MAGE" run --local 16M true
try "kill: pages cannot be read" eventually 60 read_errors
was_far=$(far_pages)
try "kill: it is not disconnected while it is swap" refuses 6 "active as swap" \
	"$MAGE" device disconnect "$far"
give_room max
try "kill: it is switched off and disconnected" "$MAGE" device disconnect "$far" --swapoff
try "kill: none is left" no_devices
try "kill: the daemon is started once more" tests/vm/memnode start
try "kill: another far device" far_up rdma 256M
set_size 32
try "kill: pages go there and come back" eventually 60 carries_data
load_end "kill"
try "kill: SIGBUS of pages that were far only" sigbus_is_bounded "$was_far"
note <"$tap_out"
nothing_left "kill"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "none is left" no_devices

try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
try "no domain is left" eventually 30 no_domains
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
tap_end
