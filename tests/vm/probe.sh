# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# (variables come from who sources it)
#
# A policy's globals, and policy_probe as a program that uses some of its pages; lib.sh first, and $cg is
# the cgroup. What the program said is in $log.

probe=build/tests/policy_probe
log=$(mktemp)
trap 'rm -f "$tap_out" "$log"' EXIT

# global POLICY VARIABLE: what a global variable of the loaded policy holds.
global()
{
	build/bpftool/bpftool --json map dump name "${1:0:8}.bss" |
		jq -e --arg name "$2" '[.. | objects | .[$name]? | values][0]'
}

# is POLICY VARIABLE OPERATOR NUMBER, with an operator of test(1)
is()
{
	local value
	value=$(global "$1" "$2") || return
	test "$value" "$3" "$4" && return
	echo "$2 is $value; it should be $3 $4"
	return 1
}

# A program that has written its pages, and uses some: uses MIB PERCENT [NAME [late]].
uses()
{
	cg_start "$log" "$cg" "$probe" "$1" use "${@:2}"
	eventually 60 grep -q filled "$log"
}

# Its end: no byte is wrong.
used()
{
	local status=0
	kill "$cg_pid"
	cg_wait || status=1
	note <"$log"
	return "$status"
}
