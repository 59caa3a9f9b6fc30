#!/bin/bash
# vm: --memnodes 1 --smp 4 --mem 2G --timeout 900
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2317 # functions are called by way of "try"; $far is of load.sh
#
# The way to a memory node is lost under a load that verifies every byte: the local RDMA device goes and
# comes, frames do not arrive, the daemon is killed or restarted and leaves what it lends to the next one.
# The far device is suspended, the load stalls and goes on, and no byte is wrong. A link that stays down
# for longer than the device may wait, and a memory node that comes back without what it held, have the
# device fail, with its reason: SIGBUS of pages that were far only, nothing hangs, and all is given back.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/link.sh

# came_back TIMES: it is connected, after it was suspended so often.
came_back()
{
	state_is connected && same "suspensions of $far" "$1" "$(device_field "$far" suspensions)"
}

# goes_on: pages go out and come back that did not before.
mark()
{
	reads=$(device_field "$far" reads)
	writes=$(device_field "$far" writes)
}

goes_on()
{
	local now_reads now_writes
	now_reads=$(device_field "$far" reads)
	now_writes=$(device_field "$far" writes)
	echo "$far: reads $reads, now $now_reads; writes $writes, now $now_writes"
	[ "$now_writes" -gt $((writes + 100)) ] && [ "$now_reads" -gt $((reads + 100)) ]
}

# Where it is to come back it may be away for longer than the slowest machine takes.
patient=(--loss-timeout 1800s)

# Those of loads before do not count.
errors_before()
{
	errors=$(domain_field "$cg" read_errors)
}

load_lives()
{
	kill -0 "$cg_pid"
}

no_error()
{
	same "read_errors of the domain" "$errors" "$(domain_field "$cg" read_errors)" &&
		same "read_errors of $far" 0 "$(device_field "$far" read_errors)"
}

# Nobody was killed for want of memory.
no_oom()
{
	same "oom_kill of the cgroup" 0 "$(awk '$1 == "oom_kill" { print $2 }' "$cg/memory.events")"
}

reason_says()
{
	local reason
	reason=$(device_field "$far" reason)
	echo "$reason"
	[[ $reason == *"$1"* ]]
}

node_has_resumed()
{
	[ "$(tests/vm/memnode stats | jq .clients_resumed)" -ge "$1" ]
}

node_has_restored()
{
	same "sessions of the daemon before" "$1" "$(tests/vm/memnode stats | jq .clients_restored)"
}

node_is_free()
{
	same "what the memory node lends" 0 "$(tests/vm/memnode stats | jq .reserved)"
}

# lost HOW: the device is suspended, and all that an admin may want to do works.
lost()
{
	try "$1: $far is suspended" eventually 60 state_is suspended
	try "$1: the reason is said" shows "^$far suspended for [0-9]+ s: memory node" device list
	try "$1: it is not switched off meanwhile" refuses 6 "does not answer" \
		"$MAGE" device disconnect "$far" --swapoff
	try "$1: the load waits" load_lives
	mark
}

back()
{
	try "$1: $far is back" eventually 60 came_back "$2"
	try "$1: pages go out and come back" eventually 60 goes_on
	try "$1: the load goes on" load_lives
}

failed()
{
	try "$1: the far device has failed" eventually 60 state_is failed
	try "$1: it says why" reason_says "$2"
	load_end "$1"
	try "$1: nobody was killed for want of memory" no_oom
	nothing_left "$1"
	try "$1: the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
	try "$1: none is left" no_devices
}

dying=$(cg_dying)
need "the cgroup" cg_make "$cg" 16M
need "a far device on the memory node" far_up rdma 256M "${patient[@]}"
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"
set_size 32
errors_before
mark
need "the load starts" load_start --size "$size" --threads 4 --seconds "$long" --ops none
try "pages go out and come back" eventually 60 goes_on

rdma link delete rxe0
lost "RDMA device"
rdma link add rxe0 type rxe netdev eth0
back "RDMA device" 1

cut 0
lost "wire"
mend 0
back "wire" 2

try "no read has failed" no_error
try "nobody was killed for want of memory" no_oom
try "the memory node has seen it come back" eventually 30 node_has_resumed 2
load_end "lost and back"
nothing_left "lost and back"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "the memory node has its memory again" eventually 30 node_is_free

# For longer than it may be.
try "too long: a far device that waits for 3 s" far_up rdma 256M --loss-timeout 3s
set_size 32
mark
try "too long: the load starts" load_start --may-sigbus --size "$size" --threads 4 --seconds "$long" --ops none
try "too long: pages go out and come back" eventually 60 goes_on
try "too long: the load is told that pages may be lost" load_may_fail
echo 20M >"$cg/memory.max"
cut 0
failed "too long" "was not back after 3000 ms"
mend 0

# Back in time, but without what it held.
try "restart: the daemon is restarted, as it waits for who is gone" tests/vm/memnode stop
try "restart: and starts" tests/vm/memnode start
try "restart: a far device on it" eventually 30 far_up rdma 256M "${patient[@]}"
set_size 32
mark
try "restart: the load starts" load_start --may-sigbus --size "$size" --threads 4 --seconds "$long" --ops none
try "restart: pages go out and come back" eventually 60 goes_on
try "restart: the load is told that pages may be lost" load_may_fail
echo 20M >"$cg/memory.max"
try "restart: the daemon is killed" tests/vm/memnode kill
try "restart: it is started again" tests/vm/memnode start
failed "restart" "freed the memory"

# Twice the same with a daemon that leaves the memory to the one after it.
try "kept: the daemon is stopped" tests/vm/memnode stop
try "kept: the next ones keep what they lend" tests/vm/memnode keep
try "kept: it starts" tests/vm/memnode start
try "kept: a far device on it" eventually 30 far_up rdma 256M "${patient[@]}"
set_size 32
errors_before
mark
try "kept: the load starts" load_start --size "$size" --threads 4 --seconds "$long" --ops none
try "kept: pages go out and come back" eventually 60 goes_on

try "kill: the daemon is killed" tests/vm/memnode kill
lost "kill"
try "kill: it is started again" tests/vm/memnode start
try "kill: it has the session of the one before" node_has_restored 1
back "kill" 1

mark
try "update: the daemon is restarted" tests/vm/memnode restart
try "update: it has the session of the one before" node_has_restored 1
back "update" 2

try "kept: no read has failed" no_error
try "kept: nobody was killed for want of memory" no_oom
load_end "kept"
nothing_left "kept"
try "kept: the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "kept: the memory node has its memory again" eventually 30 node_is_free
try "kept: the daemon is restarted once more" tests/vm/memnode restart
try "kept: a session that has ended is not taken over" node_has_restored 0

try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
try "no domain is left" eventually 30 no_domains
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
tap_end
