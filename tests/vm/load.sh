# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
# (variables come from, and are for, who sources it)
#
# Loads of the torture program in a cgroup that is a domain over the far device $far, which verify
# every byte. Source it after lib.sh.

cg=/sys/fs/cgroup/torture
seed=${MAGE_TORTURE_SEED:-1}
log=$(mktemp)
trap 'rm -f "$tap_out" "$log"' EXIT

# load NAME OPTION...: one run, its progress as comments.
load()
{
	local name=$1
	shift
	(cg_exec "$cg" "$TORTURE" --seed "$seed" "$@") 2>&1 | note
	tap "${PIPESTATUS[0]}" "$name: no byte wrong"
}

# A line of progress comes when the region is filled; an end before that is a failure.
load_is_on()
{
	grep -q '^torture: .* visits' "$log" || ! kill -0 "$cg_pid" 2>/dev/null
}

# load_start OPTION...: in the background; returns when it is under way.
load_start()
{
	cg_start "$log" "$cg" "$TORTURE" --seed "$seed" "$@"
	eventually 300 load_is_on && kill -0 "$cg_pid"
}

# load_end NAME: asks for its end; everything is verified once more before it exits.
load_end()
{
	local status
	kill "$cg_pid" 2>/dev/null
	cg_wait
	status=$?
	note <"$log"
	tap $status "$1: no byte wrong"
}

# set_size MIB: the region; the limit is half of it.
set_size()
{
	size=$1M
	echo $(($1 / 2))M >"$cg/memory.max"
}

nothing_left()
{
	try "$1: no frame, slot or charge is left" eventually 30 domain_empties "$cg"
	try "$1: the far device is empty" eventually 30 device_is_empty "$far"
}
