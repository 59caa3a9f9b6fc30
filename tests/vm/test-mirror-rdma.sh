#!/bin/bash
# vm: --memnodes 2 --smp 4 --mem 2G --timeout 900
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# A mirror of two memory nodes under a load that verifies every byte. The way to one is lost for a while; it
# comes back and gets what it has missed. Then that node is killed, started again with nothing of what it
# held, and becomes a new leg, which is filled. Then the other one is killed. No byte is wrong, and nobody gets
# SIGBUS.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/link.sh
. tests/vm/mirror.sh

dying=$(cg_dying)
read -ra nodes <<<"$MAGE_MEMNODES"

# A leg that is cut off is to be back before it has failed, however long what happens meanwhile takes.
mirror_up()
{
	far=$(far_connect --backend rdma --size 256M --address "${nodes[0]}" --address "${nodes[1]}" --mirror \
		--secret-file "$MAGE_SECRET_FILE" --loss-timeout $((20 * MAGE_SLOWNESS))s --swapon)
}

leg_was_filled()
{
	leg_is "$1" in-sync && [ "$(leg_field "$1" copied)" -gt 0 ]
}

need "the cgroup" cg_make "$cg" 16M
need "a mirror on two memory nodes" mirror_up
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"
try "it is whole" not_degraded
set_size 32
need "the load starts" load_start --size "$size" --threads 4 --seconds "$long" --ops none
under_way "both"

cut 0
try "cut: its leg is suspended" eventually 60 leg_is 0 suspended
try "cut: the device is degraded" is_degraded
under_way "cut"
mend 0
try "back: the leg gets what it has missed" eventually 60 leg_was_filled 0
under_way "back"
try "back: the device is whole again" eventually 60 not_degraded

try "killed: the daemon is killed" tests/vm/memnode kill 0
try "killed: its leg is suspended" eventually 60 leg_is 0 suspended
under_way "killed"
try "killed: its leg has failed" eventually 60 leg_is 0 failed
under_way "failed"
try "added: the daemon is started, with nothing" tests/vm/memnode start 0
try "added: it is a new leg" "$MAGE" device add-leg "$far" --address "${nodes[0]}" --secret-file "$MAGE_SECRET_FILE"
try "added: that is filled" eventually 120 leg_was_filled 2
try "added: the failed leg is removed" "$MAGE" device remove-leg "$far" 0
try "added: the device is whole again" eventually 30 not_degraded
under_way "added"

try "the other: the daemon is killed" tests/vm/memnode kill 1
try "the other: its leg is suspended" eventually 60 leg_is 1 suspended
under_way "the other"
load_end "the other"
try "nobody was killed for want of memory" same "oom_kill" 0 \
	"$(awk '$1 == "oom_kill" { print $2 }' "$cg/memory.events")"
nothing_left "the other"
try "it is disconnected" "$MAGE" device disconnect "$far" --swapoff

try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
try "no domain is left" eventually 30 no_domains
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
tap_end
