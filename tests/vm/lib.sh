# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests in this directory share: TAP, cgroups, far devices. Source it first; it goes to
# the top of the repository.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
set -uo pipefail

: "${MAGE:=build/loader/mage}"
: "${TORTURE:=build/torture/torture}"
: "${MAGE_TORTURE_SEED:=1}"
: "${REDIS_CHECK:=build/tests/redis_check}"
: "${POLICIES:=build/policies}"

# Of loads; more in long runs, where other counts grow with it: they are multiplied by $longer.
: "${MAGE_TORTURE_SECONDS:=60}"
longer=$(((MAGE_TORTURE_SECONDS + 59) / 60))
# How many times slower this kernel is than the usual one: who waits for it has so much more time.
: "${MAGE_SLOWNESS:=1}"
# Seconds of a load that a signal ends before.
# shellcheck disable=SC2034
long=$((800 * MAGE_SLOWNESS * longer))

# Another one each time, for runs that are long.
[ "$MAGE_TORTURE_SEED" != random ] || MAGE_TORTURE_SEED=$((SRANDOM))
export MAGE_TORTURE_SEED

tap_count=0
tap_failed=0
tap_out=$(mktemp)
trap 'rm -f "$tap_out" "$tap_out".*' EXIT

# tap STATUS NAME: one result.
tap()
{
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
		tap_failed=1
	fi
}

# try NAME COMMAND...: a result; what the command printed is shown if it failed, and how often it looked
# if it had to wait.
try()
{
	local name=$1 status
	shift
	polls=1
	"$@" >"$tap_out" 2>&1
	status=$?
	[ $status -eq 0 ] || note <"$tap_out"
	tap $status "$name"
	[ $polls -eq 1 ] || note <<<"looked $polls times"
	return $status
}

# note: standard input as comments.
note()
{
	sed -u 's/^/# /'
}

# need NAME COMMAND...: as try, but nothing that follows makes sense without it.
need()
{
	try "$@" && return
	echo "Bail out! $1"
	exit 1
}

# tap_end: the plan; exits.
tap_end()
{
	echo "1..$tap_count"
	exit $tap_failed
}

# same WHAT WANT GOT: true if they are equal, else says how they differ.
same()
{
	[ "$2" = "$3" ] && return
	echo "$1 is ${3:-nothing} instead of ${2:-nothing}"
	return 1
}

# refuses STATUS TEXT COMMAND...: the command ends with that status, and says that.
refuses()
{
	local status=$1 text=$2 output got
	shift 2
	output=$("$@" 2>&1)
	got=$?
	echo "$output"
	same "the exit status of '$*'" "$status" "$got" || return
	[[ $output == *"$text"* ]] && return
	echo "does not say: $text"
	return 1
}

# eventually SECONDS COMMAND...: for what ends by itself a little later; asks again and again, $polls
# times in all, as what asks may help it to end.
eventually()
{
	local end=$((SECONDS + $1 * MAGE_SLOWNESS)) said
	shift
	polls=1
	until said=$("$@" 2>&1); do
		polls=$((polls + 1))
		if [ $SECONDS -ge $end ]; then
			echo "$said"
			return 1
		fi
		sleep 0.2
	done
}

# -- commands

# as_user COMMAND...: without root's rights.
as_user()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all "$@"
}

# fails STATUS PATTERN COMMAND...: ends with the status, and with one line on standard error that
# matches the pattern.
fails()
{
	local status=$1 want=$2 got
	shift 2
	"$@" >"$tap_out.stdout" 2>"$tap_out.stderr" </dev/null
	got=$?
	cat "$tap_out.stdout" "$tap_out.stderr"
	same "the exit status of '$*'" "$status" "$got" &&
		same "the number of error lines" 1 "$(wc -l <"$tap_out.stderr")" || return
	grep -Eq -- "$want" "$tap_out.stderr" || { echo "does not match: $want"; return 1; }
}

# mage_fails STATUS PATTERN COMMAND...: the same of "mage", which says who it is, and prints nothing else.
mage_fails()
{
	fails "$@" || return
	grep -q "^mage: " "$tap_out.stderr" || { echo "does not begin with 'mage: '"; return 1; }
	same "the standard output" "" "$(cat "$tap_out.stdout")"
}

# wrong NAME STATUS PATTERN ARGUMENT...: a result about "mage ARGUMENT...", which fails.
wrong()
{
	try "$1" mage_fails "$2" "$3" "$MAGE" "${@:4}"
}

# shows PATTERN ARGUMENT...: "mage ARGUMENT..." prints a line that matches.
shows()
{
	"$MAGE" "${@:2}" >"$tap_out.stdout" || return
	grep -E -- "$1" "$tap_out.stdout" || { cat "$tap_out.stdout"; return 1; }
}

# -- cgroups

# cg_make CGROUP LIMIT
cg_make()
{
	mkdir -p "$1" && echo "$2" >"$1/memory.max"
}

# cg_exec CGROUP COMMAND...: in the cgroup; replaces the (sub)shell.
cg_exec()
{
	echo "$BASHPID" >"$1/cgroup.procs" || exit 2
	shift
	exec "$@"
}

# cg_start LOG CGROUP COMMAND...: in the background, as $cg_pid. Its output reaches the log through
# a pipe: a file in memory that it wrote itself would be charged to the cgroup.
cg_start()
{
	cg_log=$1
	shift
	# What an earlier one has said is gone before anybody looks.
	: >"$cg_log" || return
	mkfifo "$cg_log.pipe" || return
	cat "$cg_log.pipe" >"$cg_log" &
	cg_log_pid=$!
	(cg_exec "$@") >"$cg_log.pipe" 2>&1 &
	cg_pid=$!
}

# cg_wait: the status of what cg_start started; the log is then complete.
cg_wait()
{
	local status
	wait "$cg_pid"
	status=$?
	# Killed before it had opened the pipe it would leave the reader waiting for a writer.
	: <>"$cg_log.pipe"
	wait "$cg_log_pid"
	rm -f "$cg_log.pipe"
	return $status
}

# cg_stat CGROUP KEY: a number of memory.stat.
cg_stat()
{
	awk -v key="$2" '$1 == key { print $2 }' "$1/memory.stat"
}

cg_is_empty()
{
	grep -qx 'populated 0' "$1/cgroup.events"
}

# cg_kill CGROUP: every process in it, and waits for their end.
cg_kill()
{
	echo 1 >"$1/cgroup.kill" && eventually 60 cg_is_empty "$1"
}

# cg_remove CGROUP DYING: gone, and nothing holds on to it; DYING is what cg_dying said before.
cg_remove()
{
	rmdir "$1" && eventually 60 cg_dying_is "$2"
}

# cg_dying: cgroups that are removed and still held by something.
cg_dying()
{
	awk '$1 == "nr_dying_descendants" { print $2 }' /sys/fs/cgroup/cgroup.stat
}

# charges_drain: a CPU that has used up all that it had charged to a cgroup in advance keeps that cgroup
# until it charges to another one; the root is not charged. Here it does.
charges_drain()
{
	local cpu other=/sys/fs/cgroup/other
	mkdir -p "$other" || return
	for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
		(cg_exec "$other" taskset -c "${cpu##*cpu}" true) || return
	done
}

# cg_dying_is COUNT: file pages that a cgroup has read, swap slots that wait to be given back, and
# charges made in advance keep it as well; those are let go.
cg_dying_is()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	swap_caches_drain && charges_drain || return
	same "the number of dying cgroups" "$1" "$(cg_dying)"
}

# cg_reclaim_orphans CGROUP: a page that was locked when its process died stays in the kernel's swap
# cache, with its slot, until somebody reclaims (see free_swap_and_cache()). This does.
cg_reclaim_orphans()
{
	# It says EAGAIN when there is less to reclaim than it was asked for.
	echo 64M 2>/dev/null >"$1/memory.reclaim" || true
}

# -- far devices and domains

# far_connect OPTION...: prints the device's name, such as mage0.
far_connect()
{
	local device
	device=$("$MAGE" device connect "$@") || return
	device=${device##*$'\n'}
	echo "${device#/dev/}"
}

# device_field DEVICE FIELD
device_field()
{
	"$MAGE" device list --json |
		jq -r --arg name "$1" ".devices[] | select(.name == \$name) | .$2"
}

# domain_field CGROUP FIELD: the number of a cgroup's directory is its id.
domain_field()
{
	"$MAGE" status --json |
		jq -r --argjson id "$(stat -c %i "$1")" \
			".domains[] | select(.cgroup_id == \$id) | .$2"
}

# domain_paged CGROUP: far memory was really used.
domain_paged()
{
	local evictions faults
	evictions=$(domain_field "$1" evictions)
	faults=$(domain_field "$1" faults)
	echo "evictions $evictions, faults $faults"
	[ "${evictions:-0}" -gt 0 ] && [ "${faults:-0}" -gt 0 ]
}

# no_direct_reclaim CGROUP
no_direct_reclaim()
{
	same "pgscan_direct" 0 "$(cg_stat "$1" pgscan_direct)"
}

# swap_caches_drain: each CPU keeps a few swap slots to hand out and to give back. Switching a swap
# device off, if only a small one that nobody has used, empties these caches.
swap_caches_drain()
{
	mkswap -q /dev/ram15 && swapon /dev/ram15 && swapoff /dev/ram15
}

# device_is_empty DEVICE
device_is_empty()
{
	same "slots_used of $1" 0 "$(device_field "$1" slots_used)"
}

# domain_is_empty CGROUP: nothing is left of what its processes had. (File pages may be: they go when
# somebody else needs the room.)
domain_is_empty()
{
	local field
	for field in frames far_bytes clean_copies_bytes; do
		same "$field of $1" 0 "$(domain_field "$1" $field)" || return
	done
	same "memory.swap.current" 0 "$(cat "$1/memory.swap.current")" &&
		same "anon in memory.stat" 0 "$(cg_stat "$1" anon)"
}

# domain_empties CGROUP: the same, after what the kernel holds back was asked for. An orphan that a
# CPU holds in a batch of its own is found at the next attempt only, and its slot then goes to a
# cache of that CPU.
domain_empties()
{
	cg_reclaim_orphans "$1"
	swap_caches_drain && domain_is_empty "$1"
}

no_devices()
{
	same "the number of far devices" 0 "$("$MAGE" device list --json | jq '.devices | length')"
}

no_domains()
{
	same "the number of domains" 0 "$("$MAGE" status --json | jq '.domains | length')"
}
