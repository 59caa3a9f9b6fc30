#!/bin/bash
# vm: --smp 2 --mem 512M --timeout 900
# groups: soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC2154 # functions are called by way of "try"; variables of load.sh
#
# Four programs have together half as much again as the machine, and no limits. What each gets is first
# seen with stock reclaim; then two of the four cgroups are governed, and reclaim has to take about as
# much from those as from the others.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

parent=/sys/fs/cgroup/shares
cgroups=("$parent"/{one,two,three,four})
governed=("${cgroups[@]:0:2}")
dying=$(cg_dying)

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
	mkdir "$parent" && echo +memory >"$parent/cgroup.subtree_control" && mkdir "${cgroups[@]}"
}

# A domain is asked for the part of its pages that is not in use, as that is what stock reclaim takes from others:
# two governed ones were seen to have 0.60 to 0.78 of what the plain ones have, five runs. With stock reclaim that was
# 0.57 to 0.98, ten runs; with governed ones that are asked for as many as stock reclaim looks at, 0.48 to 0.66.
halves_are_alike()
{
	local first=$((shares[0] + shares[1])) last=$((shares[2] + shares[3]))
	[ $((2 * first)) -ge "$last" ] && [ $((2 * last)) -ge "$first" ]
}

# The least that one was seen to have was 0.68 of an equal share, and 0.77 with stock reclaim.
nobody_is_left_out()
{
	local share
	for share in "${shares[@]}"; do
		[ $((8 * share)) -ge $((shares[0] + shares[1] + shares[2] + shares[3])) ] || return
	done
}

# sharing NAME: the four programs, from begin to end.
sharing()
{
	local kills
	kills=$(oom_kills)
	need "$1: no byte is wrong in any of four programs" build/tests/sharing "$mib" "$seed" "${cgroups[@]}"
	read -ra shares <<<"$(sed -n 's/^shares //p' "$tap_out")"
	echo "# $1: of $mib MiB each, in memory on average, in KiB: ${shares[*]}"
	try "$1: nobody was killed for memory" same oom_kill "$kills" "$(oom_kills)"
	try "$1: no two have less than half of what the others have" halves_are_alike
	try "$1: nobody has less than half of an equal share" nobody_is_left_out
}

need "a cgroup, and four below" make_cgroups
need "a far device over dram" far_up dram 200M --latency 0us
mib=$(($(available_mib) * 3 / 8))
# Programs are on a file system that is slow to read from: they are to stay.
echo 200 >/proc/sys/vm/swappiness
sharing "stock"
for cgroup in "${governed[@]}"; do
	need "${cgroup##*/}: the policy clock" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cgroup"
done
sharing "two governed"
for cgroup in "${governed[@]}"; do
	try "${cgroup##*/}: the domain was used" domain_paged "$cgroup"
	note <"$tap_out"
	try "${cgroup##*/}: no frame, slot or charge is left" eventually 30 domain_empties "$cgroup"
done
try "the cgroups below are removed" rmdir "${cgroups[@]}"
try "none is left dying" cg_remove "$parent" "$dying"
try "the domains ended with them" eventually 30 no_domains
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "no far device is left" no_devices
tap_end
