#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# "mage policy swap" with what can come in between, what can be kept, what can be tried before.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/policy.sh"

cg=/sys/fs/cgroup/swap
work=$(mktemp -d)
objects=build/tests/vm/policies
# Files that others can be kept from opening.
cp "$POLICIES/clock.bpf.o" "$work/held.bpf.o"
echo 500 >/proc/sys/fs/lease-break-time

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

# -- Only looked at

# maps: those of policies. Those that have left go a little later.
maps()
{
	build/bpftool/bpftool --json map list | jq -c 'map(select(.type == "struct_ops").id)'
}

# maps_are COUNT
maps_are()
{
	same "the number of maps" "$1" "$(maps | jq length)"
}

# all_of_bpf: what the kernel has of policies, pins, domains.
all_of_bpf()
{
	build/bpftool/bpftool --json prog list | jq -c 'map(select(.type == "struct_ops").id)'
	maps
	build/bpftool/bpftool --json link list | jq -c 'map(.id)'
	find /sys/fs/bpf | sort
	"$MAGE" status --json | jq -c '.domains | map([.cgroup, .policy])'
}

as_before()
{
	same "what the kernel has" "$before" "$(all_of_bpf)"
}

hints=/sys/fs/bpf/mage_cold
dry=(policy load "$objects/tuned.bpf.o" --cgroup "$cg" --dry-run)
need "dry: only what governs is there" eventually 30 maps_are 1
before=$(all_of_bpf)
wrong "dry: a cgroup that is governed already" 6 "governed by the policy 'clock'" "${dry[@]}"
try "dry: a swap" shows "^$cg: would be governed by the policy 'tuned' instead of 'clock'; nothing was changed$" \
	policy swap "${dry[@]:2}" --set answer=3
try "dry: as JSON" same "the object" "\"$cg\" \"tuned\" \"clock\" true" \
	"$("$MAGE" policy swap "${dry[@]:2}" --json | jq -c ".cgroup, .policy, .instead_of, .dry_run" | paste -sd " ")"
wrong "dry: a tunable out of range" 2 "give 0..1000" policy swap "${dry[@]:2}" --set answer=1001
try "dry: a program that the verifier refuses" refuses 7 "the verifier refused program 'trespass_page_i" \
	"$MAGE" policy swap "$objects/trespass.bpf.o" --cgroup "$cg" --dry-run
wrong "dry: a callback that is missing" 7 "'foresee' of struct mage_ops" \
	policy swap "$objects/newer_callback.bpf.o" --cgroup "$cg" --dry-run
try "dry: one that would pin a map" "$MAGE" policy swap "$objects/hinted.bpf.o" --cgroup "$cg" --dry-run
try "dry: the map is not pinned" test ! -e $hints
try "dry: nothing is left of all that" eventually 30 as_before
try "unloading it" "$MAGE" policy unload --cgroup "$cg"
wrong "dry: a swap of nothing" 5 "governed by no policy" policy swap "${dry[@]:2}"
need "dry: nothing is there" eventually 30 maps_are 0
before=$(all_of_bpf)
try "dry: a load" shows "^$cg: would be governed by the policy 'tuned'; nothing was changed$" "${dry[@]}"
try "dry: of the built-in one" same "the object" "\"$cg\" \"builtin\" null true" \
	"$("$MAGE" policy load builtin --cgroup "$cg" --dry-run --json | jq -c ".cgroup, .policy, .instead_of, .dry_run" | paste -sd " ")"
wrong "dry: no such cgroup" 5 "did you mean $cg" policy load fifo --cgroup "${cg}p" --dry-run
try "dry: nothing is left of that" eventually 30 as_before
try "a load as JSON" same "the object" "\"$cg\" \"tuned\" null false" \
	"$("$MAGE" policy load "$objects/tuned.bpf.o" --cgroup "$cg" --json | jq -c ".cgroup, .policy, .instead_of, .dry_run" | paste -sd " ")"

# -- What the kernel does not have

marked=$objects/newer_marked.bpf.o
try "optional: a callback that is missing is said to be" shows \
	"^$cg: note: without the callback 'foresee', which this kernel does not have$" policy swap "$marked" --cgroup "$cg"
try "optional: it governs" governed_by newer_marked
try "optional: the others are there" shows "^callbacks  select$" policy show "$cg"
try "optional: pages move under it" hog
try "optional: it governs after that" governed_by newer_marked
try "optional: as JSON" same "left out" '["foresee"]' \
	"$("$MAGE" policy swap "$marked" --cgroup "$cg" --json | jq -c .left_out)"
try "optional: one that the policy does without" shows "^callback +foresee +no, not needed" policy features "$marked"
try "optional: none of the kernel's own is left out" same "left out" '[]' \
	"$("$MAGE" policy swap "$objects/tuned.bpf.o" --cgroup "$cg" --json | jq -c .left_out)"

# -- What was set, kept

swap=(policy swap "$objects/tuned.bpf.o" --cgroup "$cg")
need "keep: tunables are set" "$MAGE" "${swap[@]}" --set answer=300 --set more=7
try "keep: one of them later" "$MAGE" policy tune "$cg" shift=-9 answer=200
try "keep: without it each begins anew" same "kept" '[]' "$("$MAGE" "${swap[@]}" --dry-run --json | jq -c .kept)"
try "keep: what would be kept" same "kept" '["answer=200","more=7","shift=-9"]' \
	"$("$MAGE" "${swap[@]}" --keep-tunables --dry-run --json | jq -c '.kept | map("\(.name)=\(.value)") | sort')"
try "keep: a swap" shows "^$cg: kept: (shift=-9, more=7|more=7, shift=-9)$" "${swap[@]}" --keep-tunables --set answer=100
try "keep: a variable" same "shift" -9 "$(value shift)"
try "keep: a constant" same "more" 7 "$(value more)"
try "keep: what was set anew" same "answer" 100 "$(value answer)"
try "keep: what was not set" same "none" false "$(value none)"
wrong "keep: out of the range of the new one" 2 "shift: -9, as 'tuned' has it, is out of range for the new policy; give -1..1 " \
	policy swap "$objects/tuned_less.bpf.o" --cgroup "$cg" --keep-tunables
try "keep: the one before governs" governed_by tuned
try "keep: what the new one has none of" shows "^$cg: not kept, as the new policy has none such: more=7$" \
	policy swap "$objects/tuned_less.bpf.o" --cgroup "$cg" --keep-tunables --set shift=1
try "keep: the new one's own" same "answer" 50 "$(value answer)"
need "keep: tuned again" "$MAGE" "${swap[@]}" --set shift=3
try "keep: without it nothing is" "$MAGE" "${swap[@]}"
try "keep: it begins anew" same "shift" 0 "$(value shift)"
try "keep: as JSON" same "kept" '[{"name":"shift","value":1}]' "$("$MAGE" policy tune "$cg" shift=1 >/dev/null &&
	"$MAGE" policy swap "$objects/tuned.bpf.o" --cgroup "$cg" --keep-tunables --json | jq -c .kept)"
try "keep: to the built-in one, which has none" shows "^$cg: not kept, .*: shift=1$" \
	policy swap builtin --cgroup "$cg" --keep-tunables
try "keep: that one governs" governed_by builtin

try "unloading it" "$MAGE" policy unload --cgroup "$cg"
try "the cgroup is removed" rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect mage0 --swapoff
rm -rf "$work"
tap_end
