#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# "mage policy swap" with what can come in between, what can be kept, what can be tried before.
. "$(dirname "$0")/lib.sh"

cg=/sys/fs/cgroup/swap
work=$(mktemp -d)
objects=build/tests/vm/policies
# Files that others can be kept from opening.
cp "$POLICIES/clock.bpf.o" "$work/held.bpf.o"
echo 500 >/proc/sys/fs/lease-break-time

governed_by()
{
	same "the policy" "$1" "$(domain_field "$cg" policy)"
}

# meanwhile STATUS PATTERN COMMAND ARGUMENT...: "mage ARGUMENT..." fails, and COMMAND is run when it has
# seen what governs, and goes on to read held.bpf.o.
meanwhile()
{
	mage_fails "$1" "$2" tests/vm/while_opening.py "$work/held.bpf.o" "$3" "$MAGE" "${@:4}"
}

need "a far device" "$MAGE" device connect --backend dram --size 128M --swapon
need "the cgroup" cg_make "$cg" 16M
need "a policy governs" "$MAGE" policy load fifo --cgroup "$cg"

# -- Two at once

swap=(policy swap "$work/held.bpf.o" --cgroup "$cg")
try "a swap that another one overtakes is refused" meanwhile 6 \
	"^mage: policy swap: $cg: 'clock' was to replace 'fifo', but another swap came first: 'sieve' governs now; look at it" \
	"$MAGE policy swap sieve --cgroup $cg >/dev/null" "${swap[@]}"
try "who came first governs" governed_by sieve
try "so does a swap to the same policy once more" meanwhile 6 "another swap came first: 'sieve' governs now" \
	"$MAGE policy swap sieve --cgroup $cg >/dev/null" "${swap[@]}"
try "that one governs" governed_by sieve
try "a policy that was unloaded is not replaced" meanwhile 5 "the policy 'sieve' has left just now; use 'mage policy load'$" \
	"$MAGE policy unload --cgroup $cg >/dev/null" "${swap[@]}"
need "a policy governs again" "$MAGE" policy load fifo --cgroup "$cg"
try "a swap that nobody overtakes" "$MAGE" "${swap[@]}"
try "it governs" governed_by clock

try "unloading it" "$MAGE" policy unload --cgroup "$cg"
try "the cgroup is removed" rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect mage0 --swapoff
rm -rf "$work"
tap_end
