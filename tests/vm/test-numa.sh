#!/bin/bash
# vm: --smp 4 --mem 1280M --nodes 2 --timeout 600 --append "kunit.enable=1 kunit.filter_glob=mage_numa"
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Two nodes: what is short on one is made up for by pages of that one. A plain cgroup in the same machine shows what
# stock reclaim does.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

mib=32
pages=$((mib * 256))
plain=/sys/fs/cgroup/plain
bound=/sys/fs/cgroup/bound
hog=/sys/fs/cgroup/hog
pipes=$(mktemp -d)
declare -A to from pid

# says NAME: the answer of a process.
says()
{
	local answer
	read -r -t 300 -u "${from[$1]}" answer || return
	echo "$1: $answer"
	[[ $answer == ok:* ]]
}

# citizen NAME COMMAND...: has a process do something and verify its memory.
citizen()
{
	echo "${*:2}" >&"${to[$1]}" && says "$1"
}

# settle NAME CGROUP MIB: a process, which has filled so much memory.
settle()
{
	local fd
	mkfifo "$pipes/$1.in" "$pipes/$1.out" || return
	(cg_exec "$2" build/tests/citizen "$3") <"$pipes/$1.in" >"$pipes/$1.out" &
	pid[$1]=$!
	exec {fd}>"$pipes/$1.in"
	to[$1]=$fd
	exec {fd}<"$pipes/$1.out"
	from[$1]=$fd
	says "$1"
}

# leave NAME...: they end.
leave()
{
	local name
	for name; do
		kill "${pid[$name]}" && { wait "${pid[$name]}"; same "the status of $name" 143 $?; } || return
	done
}

# anon_on NODE CGROUP: pages.
anon_on()
{
	awk -v node="N$1=" '$1 == "anon" { for (i = 2; i <= NF; i++) if (sub(node, "", $i)) print $i / 4096 }' \
		"$2/memory.numa_stat"
}

# free_on NODE: MiB.
free_on()
{
	awk '$3 == "MemFree:" { print int($4 / 1024) }' "/sys/devices/system/node/node$1/meminfo"
}

oom_kills()
{
	awk '$1 == "oom_kill" { print $2 }' /proc/vmstat
}

# has NODE CGROUP OPERATOR PAGES
has()
{
	local now
	now=$(anon_on "$1" "$2")
	echo "$2 has $now pages on node $1"
	test "$now" "$3" "$4"
}

kunit_passed()
{
	local results=/sys/kernel/debug/kunit/mage_numa/results
	note <"$results"
	grep -q '^ok' "$results" && ! grep -Eq '^ *not ok|SKIP' "$results"
}

try "the KUnit suite of nodes, on two of them" kunit_passed
for where in "$cg" "$plain" "$bound" "$hog"; do
	need "the cgroup ${where##*/}" cg_make "$where" max
done
need "one of them on node 0" sh -c "echo 0 >$hog/cpuset.mems"
need "one of them on node 1" sh -c "echo 1 >$bound/cpuset.mems"
need "a far device over dram" far_up dram 256M
need "the policy clock" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cg"
need "and once more" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$bound"
for node in 0 1; do
	for who in governed plain; do
		if [ $who = governed ]; then where=$cg; else where=$plain; fi
		try "a $who process fills its memory" settle $who$node "$where" $mib
		try "it is on node $node" citizen $who$node bind $node
	done
done
for node in 0 1; do
	try "pages of the domain on node $node" has $node "$cg" -ge $pages
done
kills=$(oom_kills)

# What is settled lies still, and is older than what the hog has.
try "a plain process has more than node 0" settle hog "$hog" $(($(free_on 0) + 48))
for node in 0 1; do
	has $node "$plain" -ge 0 | note
	has $node "$cg" -ge 0 | note
done
try "the domain has given pages of node 0" has 0 "$cg" -lt $((pages * 7 / 8))
try "and none of node 1" has 1 "$cg" -ge $pages
try "the plain process verifies" citizen hog verify
leave hog
for who in governed0 governed1 plain0 plain1; do
	try "$who verifies" citizen $who verify
done

on_0=$(anon_on 0 "$cg")
has 0 "$cg" -ge 0 | note
try "a domain on node 1 has more than that" settle bound "$bound" $(($(free_on 1) + 48))
for node in 0 1; do
	has $node "$cg" -ge 0 | note
	has $node "$bound" -ge 0 | note
done
try "nothing of it is on node 0" has 0 "$bound" -lt 256
# The statistics of a cgroup are gathered from all CPUs once in a while.
try "the pages of others on node 0 are where they were" has 0 "$cg" -ge $((on_0 * 31 / 32))
try "it verifies" citizen bound verify
try "it has given pages" domain_paged "$bound"
note <"$tap_out"
for who in governed0 governed1 plain0 plain1; do
	try "$who verifies" citizen $who verify
done
try "nobody was killed for memory" same oom_kill "$kills" "$(oom_kills)"

try "all end" leave bound governed0 governed1 plain0 plain1
try "nothing is left of the first domain" eventually 60 domain_empties "$cg"
try "nothing is left of the second" eventually 60 domain_empties "$bound"
rm -rf "$pipes"
tap_end
