# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
# (variables come from, and are for, who sources it)
#
# Loads of the torture program in a cgroup that is a domain over a far device of either kind, which
# verify every byte. This kernel has all that the operations need, so that each has to succeed at least once;
# MADV_COLLAPSE alone may be refused, as it mostly is: EAGAIN. Source it after lib.sh.

cg=/sys/fs/cgroup/torture
seed=$MAGE_TORTURE_SEED
log=$(mktemp)
trap 'rm -f "$tap_out" "$log"' EXIT

# far_up BACKEND SIZE [OPTION...]: a far device, active as swap, with its name in $far. Over dram an
# operation takes 20 us unless --latency says otherwise, so that writes are in flight, as over a wire;
# over rdma it is on the first memory node.
far_up()
{
	local backend=$1 size=$2 to=()
	shift 2
	case $backend in
	dram) to=(--latency 20us) ;;
	rdma) to=(--address "${MAGE_MEMNODES%% *}" --secret-file "$MAGE_SECRET_FILE") ;;
	esac
	far=$(far_connect --backend "$backend" --size "$size" "${to[@]}" "$@" --swapon)
}

# far_on PATH [OPTION...]: the same on a block device, all of it.
far_on()
{
	far=$(far_connect --backend blk --path "$@" --swapon)
}

# load NAME OPTION...: one run, its progress as comments.
load()
{
	local name=$1
	shift
	(cg_exec "$cg" "$TORTURE" --strict --seed "$seed" "$@") 2>&1 | note
	tap "${PIPESTATUS[0]}" "$name: no byte wrong"
}

# An end before the region is filled is a failure.
load_is_on()
{
	grep -q '^torture: filled' "$log" || ! kill -0 "$cg_pid" 2>/dev/null
}

# load_start OPTION...: in the background; returns when it is under way.
load_start()
{
	cg_start "$log" "$cg" "$TORTURE" --strict --seed "$seed" "$@"
	eventually 300 load_is_on && kill -0 "$cg_pid"
}

# load_end NAME: asks for its end; everything is verified once more before it exits. One that has ended
# before was no load for what was tried under it.
load_end()
{
	local over=0 status
	kill "$cg_pid" 2>/dev/null || over=1
	cg_wait
	status=$?
	note <"$log"
	tap $over "$1: the load was under way to the end"
	tap $status "$1: no byte wrong"
}

# load_says TEXT TIMES: it has said so, so often; or it has ended.
load_says()
{
	[ "$(grep -c "^torture: $1" "$log")" -ge "$2" ] || ! kill -0 "$cg_pid" 2>/dev/null
}

# load_signal SIGNAL TEXT: until it has said TEXT once more.
load_signal()
{
	local times
	times=$(grep -c "^torture: $2" "$log")
	kill -s "$1" "$cg_pid" && eventually 300 load_says "$2" $((times + 1)) && kill -0 "$cg_pid"
}

# load_may_fail: what was started with --may-sigbus counts a SIGBUS from now on, see "torture --help".
load_may_fail()
{
	load_signal USR1 "errors may happen"
}

# load_may_not_fail: now it is a failure again; returns when every page was found right.
load_may_not_fail()
{
	load_signal USR2 "every page is right"
}

# load_count FIELD: sigbus, pages or unreadable, from the last line of a load that has ended.
load_count()
{
	sed -n "s/^torture: ok: .* $1=\([0-9]*\).*/\1/p" "$log"
}

# swaps_start SWAPS OBJECT...: loads all these policies, has the first one govern the cgroup, and waits for
# word to replace it so often, by any of the others.
swaps_start()
{
	mkfifo "$log.go"
	build/tests/policy_swaps "$(stat -c %i "$cg")" "$@" <"$log.go" >"$log.swaps" 2>&1 &
	swaps_pid=$!
	exec {go}>"$log.go"
	rm "$log.go"
	eventually 300 governed_or_over && kill -0 "$swaps_pid"
}

governed_or_over()
{
	[ -n "$(domain_field "$cg" policy)" ] || ! kill -0 "$swaps_pid" 2>/dev/null
}

# The swaps themselves; says how long they took.
swaps_go()
{
	local status
	echo >&"$go"
	wait "$swaps_pid"
	status=$?
	exec {go}>&-
	cat "$log.swaps"
	rm "$log.swaps"
	return "$status"
}

# set_size MIB: the region; the limit is half of it.
set_size()
{
	size=$1M
	echo $(($1 / 2))M >"$cg/memory.max"
}

# Each look at a domain reclaims what the kernel holds back, so a late one may hide a slow release.
nothing_left()
{
	try "$1: no frame, slot or charge is left" eventually 30 domain_empties "$cg"
	try "$1: the far device is empty" eventually 30 device_is_empty "$far"
}

# governed_by POLICY: all the time.
governed_by()
{
	same "the policy" "$1" "$(domain_field "$cg" policy)" &&
		same "ejections" 0 "$(domain_field "$cg" ejections)"
}

# all_goes DYING: the cgroup, its domain and the far device, and nothing of them is left; DYING is what
# cg_dying said before.
all_goes()
{
	cg_reclaim_orphans "$cg"
	try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$1"
	try "the domain ended with it" eventually 30 no_domains
	try "the caches of swap slots are drained" swap_caches_drain
	try "the far device is empty" eventually 30 device_is_empty "$far"
	try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
	try "no far device is left" no_devices
}
