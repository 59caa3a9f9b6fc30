#!/bin/bash
# vm: --smp 4 --mem 2G --timeout 1800
# groups: soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC2154 # functions are called by way of "try"; variables of load.sh
#
# Fifty cgroups below a governed one, on two levels, with limits and protections, that come and go with
# what runs in them, for twice as long as other loads. Meanwhile limits above them change, and policies on
# both levels. Nothing is killed, every byte is right, and at the end nothing of all that is left.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

cg=/sys/fs/cgroup/fifty
probe=build/tests/policy_probe
teams=5
members=10
over=$((SECONDS + 2 * MAGE_TORTURE_SECONDS))
policies=(fifo clock sieve s3fifo arc mglru)
dying=$(cg_dying)
trap 'rm -f "$tap_out" "$log" "$log".*' EXIT

# draw LEAST MOST: a number in between, as $drawn. (A subshell would begin another sequence.)
draw()
{
	drawn=$(($1 + RANDOM % ($2 - $1 + 1)))
}

# fails_with WHAT: it is told once, with all that is known of the cgroup $here.
fails_with()
{
	echo "$1 in $here"
	grep -H . "$here"/memory.{max,high,min,low,current,swap.current,events}
	return 1
}

# One life of a cgroup: it gets what a cgroup may have, by chance, and a program that uses up to three times that.
life()
{
	local here=$1 max
	draw 2 8
	max=$drawn
	mkdir "$here" || return
	case $((RANDOM % 4)) in
	0) echo "${max}M" >"$here/memory.max" ;;
	1) echo "${max}M" >"$here/memory.high" ;;
	2) echo "${max}M" >"$here/memory.max" && echo 512K >"$here/memory.min" ;;
	3) echo 1M >"$here/memory.low" ;;
	esac || fails_with "no limit" || return
	draw 1 $((3 * max))
	(cg_exec "$here" "$probe" "$drawn" scan 1) || fails_with "a wrong end" || return
	rmdir "$here" || fails_with "not removed"
}

# member TEAM NUMBER: one life after the other.
member()
{
	RANDOM=$((seed * 1000 + $1 * 100 + $2))
	while [ "$SECONDS" -lt "$over" ]; do
		life "$cg/$1/$2" || return
		echo . >>"$log.lives"
	done
}

# What an operator does, at each level, one thing after the other.
operator()
{
	local policy team
	RANDOM=$((seed * 1000))
	while [ "$SECONDS" -lt "$over" ]; do
		draw 1 "$teams"
		team=$cg/$drawn
		policy=$POLICIES/${policies[RANDOM % ${#policies[@]}]}.bpf.o
		case $((RANDOM % 6)) in
		0) draw 96 160 && echo "${drawn}M" >"$cg/memory.max" ;;
		1) draw 24 48 && echo "${drawn}M" >"$team/memory.max" ;;
		2) echo max >"$team/memory.max" ;;
		3) echo "${RANDOM}K" 2>/dev/null >"$team/memory.reclaim" || true ;;
		4) "$MAGE" policy swap "$policy" --cgroup "$cg" ;;
		5)
			if [ -n "$(domain_field "$team" policy)" ]; then
				"$MAGE" policy unload --cgroup "$team"
			else
				"$MAGE" policy load "$policy" --cgroup "$team"
			fi
			;;
		esac || { echo "the operator failed"; return 1; }
		echo . >>"$log.orders"
	done
}

# All of them until the time is over; the first that fails tells the others.
fifty()
{
	local team number pid failed=0
	local -a all=()
	for ((team = 1; team <= teams; team++)); do
		for ((number = 1; number <= members; number++)); do
			member "$team" "$number" &
			all+=($!)
		done
	done
	operator &
	all+=($!)
	for pid in "${all[@]}"; do
		wait "$pid" || failed=1
	done
	return "$failed"
}

nothing_killed()
{
	same "oom_kill" 0 "$(awk '$1 == "oom_kill" { print $2 }' "$cg/memory.events")"
}

no_team_is_governed()
{
	local team
	for ((team = 1; team <= teams; team++)); do
		[ -z "$(domain_field "$cg/$team" policy)" ] || "$MAGE" policy unload --cgroup "$cg/$team" || return
	done
}

need "a far device over dram" far_up dram 1G
need "the cgroup" cg_make "$cg" 128M
need "its controller" sh -c "echo +memory >$cg/cgroup.subtree_control"
for ((team = 1; team <= teams; team++)); do
	need "team $team" mkdir "$cg/$team"
	need "its controller" sh -c "echo +memory >$cg/$team/cgroup.subtree_control"
done
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"
try "fifty cgroups come and go, and no byte is wrong" fifty
echo "# $(wc -l <"$log.lives") lives of cgroups, $(wc -l <"$log.orders") orders"
try "nothing was killed" nothing_killed
try "far memory was used" domain_paged "$cg"
try "no policy was ejected" same ejections 0 "$(domain_field "$cg" ejections)"
try "policies of teams are unloaded" no_team_is_governed
rm -f "$log.lives" "$log.orders"
nothing_left "at the end"
for ((team = 1; team <= teams; team++)); do
	cg_reclaim_orphans "$cg/$team"
	try "team $team is removed" rmdir "$cg/$team"
done
all_goes "$dying"
tap_end
