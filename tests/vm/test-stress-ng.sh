#!/bin/bash
# vm: --smp 2 --mem 512M --timeout 1800
# groups: soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC2154 # functions are called by way of "try"; variables of load.sh
#
# What stress-ng does to memory, in a machine that is asked for half as much again as it has: below a governed
# cgroup, in a child with a policy of its own and in one without, and in a cgroup beside them. The same has
# run in the same cgroups before any was governed: what ends well there has to end well here.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

top=/sys/fs/cgroup/stress
cg=$top/governed
cgroups=("$cg/own" "$cg/below" "$top/beside")
dying=$(cg_dying)
temporary=$log.d
expected=()
declare -A pids=() log_pids=()
trap 'rm -rf "$tap_out" "$log" "$log".*' EXIT

# Stressors of the classes vm and memory, each ended by its operations, and what keeps it small. Those are left
# out that have next to no memory, want more than the machine has (memthrash, mlock, mmapfork, resources),
# take too long for one operation (mmapfixed, mcontend, tree), or end well with stock reclaim only now and
# then (madvise, which poisons pages).
short=(
	"brk 1000" "bigheap 100" "mmap 1 bytes 4M" "mremap 1 bytes 4M" "munmap 1"
	"userfaultfd 200 bytes 1M" "vm-rw 1 bytes 4M" "pageswap 100" "shm 1 bytes 2M objs 4"
)
# Where loads are long.
all=(
	"fork 2 vm" "stack 1 fill" "mprotect 40" "msync 4 bytes 4M" "numa 1" "pagemove 2 bytes 2M" "remap 1"
	"shm-sysv 2 bytes 1M" "dev-shm 2" "vm-splice 500" "vm-addr 1" "vm-segv 4" "mmapmany 200" "mmapaddr 50"
	"mmaphuge 1 mmaps 1" "malloc 400 bytes 64K max 200 touch" "memfd 2 bytes 16M fds 8" "rmap 1"
	"mincore 100" "stackmmap 1" "tlb-shootdown 1" "qsort 1" "mergesort 1" "stream 1 l3-size 1M"
)
stressors=("${short[@]}")
[ "$longer" -eq 1 ] || stressors+=("${all[@]}")

# job: all of them, one after the other, as a file for "stress-ng --job".
job()
{
	local stressor name ops word options
	echo "run sequential"
	for stressor in "${stressors[@]}"; do
		read -r name ops options <<<"$stressor"
		echo "$name 1"
		echo "$name-ops $ops"
		for word in $options; do
			case $word in
			[0-9]*) echo " $word" ;;
			*) printf '\n%s' "$name-$word" ;;
			esac
		done
		echo
	done
}

# stress NAME CGROUP COMMAND...: stress-ng in the background.
stress()
{
	cg_start "$log.$1" "$2" "${@:3}" --verify --oomable --temp-path "$temporary" --timeout "$long" || return
	pids[$1]=$cg_pid
	log_pids[$1]=$cg_log_pid
}

# end NAME: waits for it.
end()
{
	cg_log=$log.$1
	cg_pid=${pids[$1]}
	cg_log_pid=${log_pids[$1]}
	cg_wait
}

available_mib()
{
	awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo
}

oom_kills()
{
	awk '$1 == "oom_kill" { print $2 }' /proc/vmstat
}

make_cgroups()
{
	local group
	for group in "$top" "$cg"; do
		mkdir "$group" && echo +memory >"$group/cgroup.subtree_control" || return
	done
	mkdir "${cgroups[@]}" "$temporary"
}

# What is in memory and in far memory of each cgroup, and so the machine.
each_has()
{
	local cgroup
	for cgroup in "${cgroups[@]}"; do
		[ $(($(cat "$cgroup/memory.current") + $(cat "$cgroup/memory.swap.current"))) -ge $(($1 << 20)) ] || return
	done
}

# A load in each cgroup that stays while stressors come and go, and leaves them most of the processors. Huge
# pages are among it, and pages for KSM to merge once all is there.
fill()
{
	local advice cgroup number=0
	for cgroup in "${cgroups[@]}"; do
		advice=(normal hugepage mergeable)
		stress "fill$number" "$cgroup" nice -n 10 stress-ng --vm 1 --vm-bytes "${mib}M" --vm-keep --vm-method all \
			--vm-madvise "${advice[number]}" || return
		number=$((number + 1))
	done
	eventually 300 each_has "$mib"
}

# The cgroups' stressors, in all at a time. How each has ended is in the logs: one that cannot do here what it
# is for is an error for stress-ng.
stress_all()
{
	local cgroup
	for cgroup in "${cgroups[@]}"; do
		stress "${cgroup##*/}" "$cgroup" stress-ng --metrics --job "$temporary/job" || return
	done
	for cgroup in "${cgroups[@]}"; do
		end "${cgroup##*/}" || echo "${cgroup##*/} ends with status $?"
	done
}

# well_in CGROUP: the stressors that did as much as they were asked for, and without a complaint.
well_in()
{
	printf '%s\n' "${stressors[@]}" | awk '
		FNR == NR { want[$1] = $2; next }
		/ (fail|error|warn): / {
			for (name in want)
				if (index($0, " " name ":") || index($0, "(" name ")"))
					bad[name] = 1
		}
		$2 == "metrc:" && !($4 in done) { done[$4] = $5 }
		END { for (name in want) if (!(name in bad) && done[name] >= want[name]) print name }
	' - "$log.${1##*/}"
}

# What did not end well with stock reclaim, in any of the cgroups, says nothing.
learn()
{
	local cgroup name stressor
	local -A times=()
	for cgroup in "${cgroups[@]}"; do
		for name in $(well_in "$cgroup"); do
			times[$name]=$((${times[$name]:-0} + 1))
		done
	done
	for stressor in "${stressors[@]}"; do
		name=${stressor%% *}
		if [ "${times[$name]:-0}" -eq "${#cgroups[@]}" ]; then
			expected+=("$name")
		else
			echo "left out: $name, which ends well in ${times[$name]:-0} of ${#cgroups[@]} cgroups"
		fi
	done
	[ "${#expected[@]}" -ge $((${#stressors[@]} * 3 / 4)) ]
}

# as_expected CGROUP
as_expected()
{
	local well name failed=0
	well=" $(well_in "$1" | tr '\n' ' ')"
	for name in "${expected[@]}"; do
		[[ $well == *" $name "* ]] || { echo "not so: $name"; failed=1; }
	done
	[ "$failed" -eq 0 ] || cat "$log.${1##*/}"
	return "$failed"
}

# Half as much again as the machine has does not fit into it, whoever reclaims.
far_is_used()
{
	local used
	used=$(device_field "$far" slots_used)
	echo "slots_used $used"
	[ "$used" -gt 0 ]
}

# end_fill NUMBER: no byte may have been wrong, and it has not ended before. It may not have got as far as to
# count an operation, of which stress-ng warns.
end_fill()
{
	kill -s INT "${pids[fill$1]}" || return
	if ! end "fill$1" || grep -qE " (fail|error): | warn: .* vm: " "$log.fill$1"; then
		cat "$log.fill$1"
		return 1
	fi
}

# round NAME
round()
{
	local number kills
	kills=$(oom_kills)
	need "$1: loads leave no memory" fill
	echo 1 >/sys/kernel/mm/ksm/run
	try "$1: the stressors have ended" stress_all
	echo 0 >/sys/kernel/mm/ksm/run
	try "$1: pages are in far memory" far_is_used
	note <"$tap_out"
	for number in "${!cgroups[@]}"; do
		try "$1: the load in ${cgroups[number]##*/} was under way to the end, and no byte was wrong" \
			end_fill "$number"
	done
	try "$1: nobody was killed for memory" same oom_kill "$kills" "$(oom_kills)"
}

need "a governed cgroup to be, with children, and one beside it" make_cgroups
job >"$temporary/job"
need "a far device over dram" far_up dram 200M --latency 0us
# Programs are on a file system that is slow to read from: they are to stay.
echo 200 >/proc/sys/vm/swappiness
mib=$(($(available_mib) * 45 / 100))
round stock
need "stock: most stressors end well" learn
note <"$tap_out"
need "the policy clock above" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cg"
need "the policy sieve in a child" "$MAGE" policy load "$POLICIES/sieve.bpf.o" --cgroup "$cg/own"
round governed
for cgroup in "${cgroups[@]}"; do
	try "governed: what ends well with stock reclaim does so in ${cgroup##*/}" as_expected "$cgroup"
done
for cgroup in "$cg" "$cg/own"; do
	try "${cgroup##*/}: the domain was used" domain_paged "$cgroup"
	note <"$tap_out"
	try "${cgroup##*/}: its policy governs, and has not been ejected" same ejections 0 "$(domain_field "$cgroup" ejections)"
done
echo 2 >/sys/kernel/mm/ksm/run
rm -r "$temporary"

for cgroup in "${cgroups[@]}"; do
	cg_reclaim_orphans "$cgroup"
done
for cgroup in "$cg/own" "$cg"; do
	try "${cgroup##*/}: no frame, slot or charge is left" eventually 30 domain_empties "$cgroup"
done
try "the cgroups below are removed" rmdir "${cgroups[@]}"
try "the governed cgroup is removed" rmdir "$cg"
try "no cgroup is left dying" cg_remove "$top" "$dying"
try "no governed cgroup is left" eventually 30 no_domains
# Pages of others went out, too.
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "no far device is left" no_devices
tap_end
