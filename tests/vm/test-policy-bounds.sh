#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 300
# groups: quick full
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# What one call of a callback may cost: helpers refuse more than a page, maps and types that take long to
# look through, to copy or to free are refused, and so is a callback with too long a way through it.
# What was looked at cannot be replaced by something else later.
. "$(dirname "$0")/lib.sh"

bad=build/tests/vm/policies
cg=/sys/fs/cgroup/bounds

need "a far device over dram" far_connect --backend dram --latency 20us --size 128M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 64M
need "fifo: it governs" "$MAGE" policy load fifo --cgroup "$cg"
try "sizes: every helper takes a page, and no more" "$MAGE" policy swap "$bad/sizes.bpf.o" --cgroup "$cg"
try "sizes: it governs" same policy sizes "$(domain_field "$cg" policy)"

# What the loader says to do about it.
for refused in "with_value too large" "with_seed BPF_F_ZERO_SEED" "with_map of a kind" \
	"with_list global variables"; do
	name=${refused%% *}
	try "$name: it is refused" refuses 7 "the verifier refused program '${name:0:10}" \
		"$MAGE" policy swap "$bad/$name.bpf.o" --cgroup "$cg"
	try "$name: the loader says what to do" refuses 7 "${refused#* }" \
		"$MAGE" policy swap "$bad/$name.bpf.o" --cgroup "$cg"
done
try "with_length: it is refused, and the loader says what to do" refuses 7 "mage_for()" \
	"$MAGE" policy swap "$bad/with_length.bpf.o" --cgroup "$cg"
try "with_length: a dry run says so, too" refuses 7 "mage_for()" \
	"$MAGE" policy swap "$bad/with_length.bpf.o" --cgroup "$cg" --dry-run
try "what governed does" same policy sizes "$(domain_field "$cg" policy)"

# An extension has been looked at by nobody: the kernel takes none in the place of a callback.  What traces one
# changes nothing.
try "tuned: it governs" "$MAGE" policy swap "$bad/tuned.bpf.o" --cgroup "$cg"
try "tuned: its callback cannot be extended" refuses 2 "Cannot replace static functions" build/tests/extend \
	build/tests/vm/extend.bpf.o instead tuned_batch_siz tuned_batch_size
try "tuned: its callback can be traced" build/tests/extend \
	build/tests/vm/extend.bpf.o beside tuned_batch_siz tuned_batch_size
try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
