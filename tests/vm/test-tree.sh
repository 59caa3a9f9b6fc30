#!/bin/bash
# vm: --smp 4 --mem 2G --timeout 600
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC2154 # functions are called by way of "try"; variables of load.sh
#
# Cgroups below and above a governed one, with limits of their own, where stock Linux does the same in
# the same boot: nothing is killed, nobody is over his limit, and every byte is right. Cgroups and
# policies come and go meanwhile, pages are left behind, and at the end nothing of all that is left.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

top=/sys/fs/cgroup/tree
cg=$top/governed
plain=/sys/fs/cgroup/plain
probe=build/tests/policy_probe
declare -A pids=() log_pids=()
trap 'rm -f "$tap_out" "$log" "$log".*' EXIT

# parent CGROUP: one whose children have memory controllers.
parent()
{
	mkdir -p "$1" && echo +memory >"$1/cgroup.subtree_control"
}

# passes CGROUP MIB: writes so much and reads it twice, in the cgroup.
passes()
{
	(cg_exec "$1" "$probe" "$2" scan 1)
}

# event CGROUP KEY: how often, in it and below.
event()
{
	awk -v key="$2" '$1 == key { print $2 }' "$1/memory.events"
}

nothing_killed()
{
	same "oom_kill below $1" 0 "$(event "$1" oom_kill)" && same "oom below $1" 0 "$(event "$1" oom)"
}

# at_most WHAT VALUE MOST
at_most()
{
	[ "$2" -le "$3" ] && return
	echo "$1 is $2, more than $3"
	return 1
}

peak_is_at_most()
{
	at_most "memory.peak of $1" "$(cat "$1/memory.peak")" "$2"
}

current_is_at_most()
{
	at_most "memory.current of $1" "$(cat "$1/memory.current")" "$2"
}

# The evictors may have been fast enough, so that it was never met.
high_is_counted()
{
	[ "$(cat "$1/memory.peak")" -le $((16 * M)) ] || [ "$(event "$1" high)" -gt 0 ]
}

M=$((1 << 20))

# A child under memory.max, and one under memory.high, of 16 MiB, that each use three times as much. An
# excess over memory.high is bounded: an eighth is the evictors' to take back, more makes the thread wait.
children_of()
{
	cg_make "$1/max" 16M
	try "$2: a child uses three times its memory.max" passes "$1/max" 48
	try "$2: it was never over that" peak_is_at_most "$1/max" $((16 * M))
	mkdir "$1/high" && echo 16M >"$1/high/memory.high"
	try "$2: a child uses three times its memory.high" passes "$1/high" 48
	try "$2: it was never much over that" peak_is_at_most "$1/high" $((20 * M))
	try "$2: if it was, that was counted" high_is_counted "$1/high"
	try "$2: nothing was killed" nothing_killed "$1"
	echo "# $2: memory.peak $(cat "$1/max/memory.peak") under max, $(cat "$1/high/memory.peak") under high"
}

# start NAME CGROUP MIB: a load in the background.
start()
{
	cg_start "$log.$1" "$2" "$TORTURE" --strict --seed "$seed" --size "$3M" --threads 1 \
		--seconds "$long" --ops none || return
	pids[$1]=$cg_pid
	log_pids[$1]=$cg_log_pid
	eventually 100 grep -q '^torture: filled' "$log.$1"
}

# end NAME: every page of the load is verified once more.
end()
{
	local status
	cg_log=$log.$1
	cg_pid=${pids[$1]}
	cg_log_pid=${log_pids[$1]}
	kill "$cg_pid"
	cg_wait
	status=$?
	[ "$status" -eq 0 ] || cat "$cg_log"
	return "$status"
}

moves_to()
{
	echo "${pids[$1]}" >"$2/cgroup.procs"
}

# has_left CGROUP MIB: of what it uses, at least so much.
has_left()
{
	[ "$(cat "$1/memory.current")" -ge $(($2 * M)) ] && return
	echo "memory.current of $1 is $(cat "$1/memory.current"), less than $2 MiB"
	return 1
}

# shrink CGROUP MIB: a limit below what is used.
shrink()
{
	[ "$(cat "$1/memory.current")" -gt $(($2 * M)) ] || { echo "less is used already"; return 1; }
	echo "$2M" >"$1/memory.max" && current_is_at_most "$1" $(($2 * M))
}

reclaim()
{
	echo "$2M" >"$1/memory.reclaim"
}

# Ten at a time, in cgroups that come for them and go with them.
wave()
{
	local i
	local -a wave_pids=()
	for i in {1..10}; do
		(cg_make "$cg/wave$i" 2M && passes "$cg/wave$i" 4 && rmdir "$cg/wave$i") &
		wave_pids+=($!)
	done
	for i in "${wave_pids[@]}"; do
		wait "$i" || return
	done
}

# crowd CGROUP: more children than there are ids for domains.
crowd()
{
	local i
	local -a children=()
	parent "$1" || return
	for i in {1..950}; do
		children+=("$1/$i")
	done
	mkdir "${children[@]}"
}

scatter()
{
	rmdir "$1"/*/ && rmdir "$1"
}

log_says()
{
	dmesg | grep -q "$1" && return
	echo "the kernel log says nothing of: $1"
	return 1
}

policy_is()
{
	same "the policy of $1" "$2" "$(domain_field "$1" policy)"
}

number_of_domains()
{
	same "the number of governed cgroups" "$1" "$("$MAGE" status --json | jq '.domains | length')"
}

field_grows()
{
	local now
	now=$(domain_field "$cg" "$1")
	[ "$now" -gt "$2" ] && return
	echo "$1 of $cg is $now, and was $2"
	return 1
}

dying=$(cg_dying)
need "a far device over dram" far_up dram 512M
need "a cgroup, and one below that is going to be governed" parent "$top"
need "it has children" parent "$cg"
mkdir "$cg/before"
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"
need "a cgroup with children beside them" parent "$plain"

children_of "$plain" "stock"
children_of "$cg" "governed"
for child in max high; do
	try "governed: nobody reclaimed for himself in $child" no_direct_reclaim "$cg/$child"
	rmdir "$cg/$child" "$plain/$child"
done
try "children are no governed cgroups by themselves" number_of_domains 1
try "their pages are counted where the policy is" domain_paged "$cg"

# What the two have is more than their parent, and its parent, are left with.
mkdir "$cg/a" "$cg/b"
need "two loads in children" start a "$cg/a" 24
need "one of them in a child that is older than the policy" start b "$cg/before" 24
before=$(domain_field "$cg" evictions)
try "limits: that of the governed cgroup is lowered" shrink "$cg" 40
try "limits: that of the one above is lowered" shrink "$top" 32
echo max >"$cg/memory.max"
try "limits: that of a child is lowered" shrink "$cg/a" 8
try "limits: memory.reclaim takes from a child" reclaim "$cg/before" 4
try "limits: the policy evicted all that" field_grows evictions $((before + 4096))
try "limits: nothing was killed" nothing_killed "$top"

# A process leaves its pages behind in a cgroup that is removed.
try "removal: the load goes to another cgroup" moves_to a "$cg/b"
try "removal: its own is removed" rmdir "$cg/a"
try "removal: its pages keep it" test "$(cg_dying)" -gt "$dying"
echo max >"$top/memory.max"
try "removal: the pages are taken all the same" shrink "$cg" 6
try "removal: nothing was killed" nothing_killed "$top"
echo 64M >"$cg/memory.max"

# A policy of its own for a child of a governed cgroup, and none any more; the load goes on.
try "below: a policy is attached to a child" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cg/before"
try "below: there are two governed cgroups" number_of_domains 2
try "below: it governs there" policy_is "$cg/before" clock
try "below: the other goes on above" policy_is "$cg" fifo
echo 8M >"$cg/before/memory.max"
try "below: it evicts" eventually 60 domain_paged "$cg/before"
try "below: a policy above is replaced" "$MAGE" policy swap "$POLICIES/sieve.bpf.o" --cgroup "$cg"
try "below: that concerns nobody below" policy_is "$cg/before" clock
try "below: it is unloaded" "$MAGE" policy unload --cgroup "$cg/before"
try "below: there is one governed cgroup" eventually 60 number_of_domains 1
before=$(domain_field "$cg" evictions)
try "below: the policy above has the pages" eventually 60 field_grows evictions "$before"
for name in a b; do
	try "no byte of load $name is wrong" end $name
done

for turn in 1 2; do
	try "twenty children come and go: no byte is wrong, turn $turn" wave
done
try "twenty children: nothing was killed" nothing_killed "$top"

# A limit that a cgroup which is not governed shares: all give, be they governed or not.
mkdir "$cg/one" "$cg/two" "$top/beside"
need "shared: a load in a governed cgroup" start one "$cg/one" 24
need "shared: one in another" start two "$cg/two" 24
need "shared: one beside them" start beside "$top/beside" 24
try "shared: the limit of all is lowered" shrink "$top" 44
for name in one two; do
	try "shared: the governed $name has not given all" has_left "$cg/$name" 3
done
try "shared: the one beside them has not, either" has_left "$top/beside" 3
echo "# shared: memory.current $(cat "$cg/one/memory.current") and $(cat "$cg/two/memory.current") governed," \
	"$(cat "$top/beside/memory.current") beside them"
for name in one two beside; do
	try "shared: no byte of load $name is wrong" end "$name"
done
try "shared: nothing was killed" nothing_killed "$top"
rmdir "$cg/one" "$cg/two" "$top/beside"
echo max >"$top/memory.max"

# Who gets no lists is where he would be without a policy above, until he gets one of his own.
last=$cg/crowd/950
try "a crowd: more children than can have lists" crowd "$cg/crowd"
try "a crowd: the log says that one has none" log_says 'stays with the stock LRU'
echo 16M >"$last/memory.max"
try "a crowd: it uses three times its memory.max" passes "$last" 48
try "a crowd: it was never over that" peak_is_at_most "$last" $((16 * M))
try "a crowd: its own policy can be loaded" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$last"
try "a crowd: it uses three times its memory.max again" passes "$last" 48
try "a crowd: it was its policy that evicted" domain_paged "$last"
try "a crowd: nothing was killed" nothing_killed "$top"
try "a crowd: all go" scatter "$cg/crowd"
try "a crowd: there is one governed cgroup" eventually 60 number_of_domains 1
mkdir "$cg/late" && echo 16M >"$cg/late/memory.max"
try "a crowd: who comes later has lists again" passes "$cg/late" 48
try "a crowd: nobody reclaimed for himself there" no_direct_reclaim "$cg/late"
rmdir "$cg/late"
try "nothing was ejected, and nobody found the evictors idle" same "ejections and fallbacks" "0 0" \
	"$(domain_field "$cg" ejections) $(domain_field "$cg" fallbacks)"

nothing_left "the tree"
for child in before b; do
	rmdir "$cg/$child"
done
rmdir "$plain"
cg_reclaim_orphans "$cg"
try "the governed cgroup is removed" rmdir "$cg"
try "no cgroup is left dying" cg_remove "$top" "$dying"
try "no governed cgroup is left" eventually 30 no_domains
try "the caches of swap slots are drained" swap_caches_drain
try "the far device is empty" eventually 30 device_is_empty "$far"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
