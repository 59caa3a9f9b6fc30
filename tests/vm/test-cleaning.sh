#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600
# groups: quick full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Pages that are written and stay, under a load that does all that a program can do to its memory and
# whose every byte is verified: by a policy that cleans and evicts at random, by one that only cleans,
# which is ejected, and by dilos, which cleans ahead.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/probe.sh

bad=build/tests/vm/policies
seconds=$((MAGE_TORTURE_SECONDS / 4))

ejected()
{
	[ "$(domain_field "$cg" builtin)" = true ]
}

exit_is()
{
	domain_field "$cg" last_exit
	same "the kind" "$1" "$(domain_field "$cg" last_exit.kind)" &&
		same "the policy" "$2" "$(domain_field "$cg" last_exit.policy)"
}

cleaned_more_than()
{
	test "$(domain_field "$cg" cleaned)" -gt "$1"
}

need "a far device over dram" far_up dram 256M
need "the cgroup" cg_make "$cg" 32M
set_size 64

need "washer: it governs" "$MAGE" policy load $bad/washer.bpf.o --cgroup "$cg"
load "washer" --size "$size" --threads 2 --seconds "$seconds"
for variable in picked reaped cleaned rescued at_place; do
	try "washer: $variable" is washer $variable -gt 0
done
for variable in wrong_list wrong_outcome; do
	try "washer: $variable" is washer $variable -eq 0
done
try "washer: it still governs" governed_by washer
nothing_left "washer"

try "scrub: a load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
cleaned=$(domain_field "$cg" cleaned)
try "scrub: it takes over" "$MAGE" policy swap $bad/scrub.bpf.o --cgroup "$cg"
try "scrub: it is ejected" eventually 120 ejected
try "scrub: it made no progress" exit_is no-progress scrub
try "scrub: pages were cleaned" cleaned_more_than "$cleaned"
load_end "scrub"
nothing_left "scrub"

try "dilos: it takes over" "$MAGE" policy load dilos --set batch=64 --cgroup "$cg"
cleaned=$(domain_field "$cg" cleaned)
load "dilos" --size "$size" --threads 2 --seconds "$seconds"
try "dilos: pages were cleaned ahead" cleaned_more_than "$cleaned"
try "dilos: it still governs" same policy dilos "$(domain_field "$cg" policy)"
nothing_left "dilos"

try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
