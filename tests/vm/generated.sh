# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154,SC2317
# (variables come from, and are for, who sources it; functions are called by way of "try")
#
# Policies made at random govern a cgroup and two below it, each for a while, under loads whose every byte is
# verified. Whatever they do, no innocent one is ejected, neither of those that were made nor the one that
# governs a cgroup beside them, whose pages they know; and nothing of them is left. The harness sees to it
# that the kernel complains of nothing. Source it after lib.sh and load.sh.

top=/sys/fs/cgroup/generated
cg=$top/torture
visited=$top/visited
beside=/sys/fs/cgroup/beside
GENERATED=build/tests/generated/generated
interpreter=build/tests/vm/generated/interpreter.bpf.o
pins=(/sys/fs/bpf/mage_generated /sys/fs/bpf/mage_spied)
trap 'rm -f "$tap_out" "$tap_out".* "$log" "${pins[@]}"' EXIT

# compile SEED COUNT: policies that are not only other tables, in $compiled. Those of seed 1 are there already.
compile()
{
	local number
	compiled=()
	for ((number = 0; number < $2; number++)); do
		compiled+=("build/tests/vm/generated/source_$1_$number.bpf.o")
	done
	make -f scripts/bpf.mk BUILD=build VMLINUX= LIBBPF_DIR=build/libbpf "${compiled[@]}"
}

# govern POLICIES: one after the other; how to have one of them once more is said with what is wrong. By way
# of a pipe: a file in memory that the load writes to would be charged to its cgroup.
govern()
{
	"$GENERATED" --seed "$seed" --policies "$1" "$interpreter" "$top" "$visited" "${compiled[@]}" \
		2>&1 | cat >"$tap_out.generated"
	tap "${PIPESTATUS[0]}" "$1 policies made at random govern, and no innocent one is ejected"
	note <"$tap_out.generated"
}

# Most of them come to govern: a generator that makes what the verifier refuses would try nothing.
most_accepted()
{
	sed -n 's/^\([0-9]*\) policies.* \([0-9]*\) refused by the verifier.*/\1 \2/p' "$tap_out.generated" |
		{ read -r all refused && echo "$refused of $all" && [ $((refused * 10)) -lt "$all" ]; }
}

# As cg_start does it, which is for one load only.
beside_start()
{
	mkfifo "$tap_out.pipe" || return
	cat "$tap_out.pipe" >"$tap_out.beside" &
	beside_log_pid=$!
	(cg_exec "$beside" "$TORTURE" --size 16M --threads 1 --seconds "$long" --ops none --seed "$seed") \
		>"$tap_out.pipe" 2>&1 &
	beside_pid=$!
}

beside_governed()
{
	same "the policy" spy "$(domain_field "$beside" policy)" &&
		same "ejections" 0 "$(domain_field "$beside" ejections)" &&
		domain_paged "$beside"
}

# The domains are gone already: what the kernel holds back is asked for again and again.
nothing_far()
{
	local of
	for of in "$top" "$beside"; do
		cg_reclaim_orphans "$of"
		swap_caches_drain && same "memory.swap.current of $of" 0 "$(cat "$of/memory.swap.current")" ||
			return
	done
}

# generated POLICIES COMPILED-SEED COMPILED
generated()
{
	local dying
	need "$3 more have a source, of seed $2" compile "$2" "$3"
	dying=$(cg_dying)
	need "a far device over dram" far_up dram 512M
	need "the cgroup" cg_make "$top" 24M
	echo +memory >"$top/cgroup.subtree_control"
	need "two below it" mkdir "$cg" "$visited"
	need "one beside it" cg_make "$beside" 8M
	need "a policy governs that, and tells its pages" \
		"$MAGE" policy load build/tests/vm/policies/spy.bpf.o --cgroup "$beside"
	beside_start
	need "a load starts" load_start --size 16M --threads 1 --op-threads 1 --seconds "$long"
	govern "$1"
	try "the verifier accepts most" most_accepted
	note <"$tap_out"
	load_end "the load"
	kill "$beside_pid"
	wait "$beside_pid"
	try "beside: no byte is wrong" same "the exit status" 0 $?
	wait "$beside_log_pid"
	note <"$tap_out.beside"
	try "beside: its policy governs, and was not ejected" beside_governed
	try "beside: the domain is ended" "$MAGE" policy unload --cgroup "$beside"
	rm -f "${pins[@]}"
	# If the last one was ejected the built-in policy governs.
	"$MAGE" policy unload --cgroup "$top" >/dev/null 2>&1 || true
	try "all domains are gone" eventually 60 no_domains
	try "no page of theirs is left in far memory" eventually 30 nothing_far
	try "the cgroups are removed" rmdir "$cg" "$visited" "$beside"
	cg=$top
	all_goes "$dying"
}
