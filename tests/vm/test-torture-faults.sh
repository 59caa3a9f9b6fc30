#!/bin/bash
# vm: --smp 4 --mem 2G --timeout 900 --allow-report "kmemleak: Kernel memory leak detector disabled"
# groups: soak
# may-skip: this kernel does not fail on request
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2317 # functions are called by way of "try"; variables of load.sh
#
# Allocations and functions of the kernel fail on request, in the threads of a load whose every byte is
# verified, and in the evictors: what cannot be had at the moment is done without, or later. The debug
# kernel has all that this needs. (kmemleak ends when it cannot note what is allocated.)
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

seconds=$(((MAGE_TORTURE_SECONDS + 3) / 4))
debug=/sys/kernel/debug
many=1000000000		# of faults, more than there will be
# Those whose copies to and from the region end with EFAULT when a page cannot be had are left out, and
# those that have to undo what they did.
ops=fork,fork-kill,dontneed,free,pageout,cold,willneed,populate

# faults_in NAME PERCENT: so many calls in tasks that were told to fail do, without a word.
faults_in()
{
	echo Y >"$debug/$1/task-filter" && echo 0 >"$debug/$1/verbose" &&
		echo "$2" >"$debug/$1/probability" && echo 1 >"$debug/$1/interval" &&
		echo "$many" >"$debug/$1/times"
}

# did_fail NAME...: each of these has had its turn.
did_fail()
{
	local name left status=0
	for name; do
		left=$(cat "$debug/$name/times")
		echo "$name: failed $((many - left)) times"
		[ "$left" -lt "$many" ] || status=1
	done
	return "$status"
}

faults_off()
{
	local name
	for name in failslab fail_page_alloc fail_function; do
		echo 0 >"$debug/$name/probability" || return
	done
	echo >"$debug/fail_function/inject"
}

# tell PID...: all threads of these, and what they start, fail from now on.
tell()
{
	local pid file
	for pid; do
		for file in "/proc/$pid/task"/*/make-it-fail; do
			echo 1 >"$file" || return
		done
	done
}

tell_evictors()
{
	local pids
	mapfile -t pids < <(pgrep '^mage_evict')
	echo "evictors: ${pids[*]}"
	[ ${#pids[@]} -gt 0 ] && tell "${pids[@]}"
}

# allocations WAIT: those that may not wait fail, as most of Mage's, and with N those that may, too.
allocations()
{
	echo "$1" >"$debug/failslab/ignore-gfp-wait" && echo "$1" >"$debug/fail_page_alloc/ignore-gfp-wait" &&
		echo N >"$debug/fail_page_alloc/ignore-gfp-highmem" && echo 0 >"$debug/fail_page_alloc/min-order"
}

# Functions of Mage whose errors may be forged, and those that say whether an allocation is to fail.
functions()
{
	awk '$1 ~ /^(mage_|should_failslab|should_fail_alloc_page)/ { print $1 }' "$debug/error_injection/list"
}

inject()
{
	local name
	for name in $(functions); do
		echo "$name" >"$debug/fail_function/inject" || return
	done
}

# under NAME: a load is under way, and the faults that were set; they last for a while.
under()
{
	try "$1: the evictors fail" tell_evictors
	note <"$tap_out"
	try "$1: the load fails" tell "$cg_pid"
	end=$((SECONDS + seconds))
	try "$1: pages go out and come back all the while" moves_until_end
}

# It may take long while much fails, and does not stop.
moves_until_end()
{
	while
		evictions=$(domain_field "$cg" evictions)
		faults=$(domain_field "$cg" faults)
		eventually 120 moved || return
		[ "$SECONDS" -lt "$end" ]
	do
		:
	done
}

moved()
{
	local now_evictions now_faults
	kill -0 "$cg_pid" || return
	now_evictions=$(domain_field "$cg" evictions)
	now_faults=$(domain_field "$cg" faults)
	echo "evictions $evictions, now $now_evictions; faults $faults, now $now_faults"
	[ "$now_evictions" -gt "$evictions" ] && [ "$now_faults" -gt "$faults" ]
}

# after NAME FAULT...: that is over, and was.
after()
{
	local name=$1
	shift
	try "$name: it did fail" did_fail "$@"
	note <"$tap_out"
	try "$name: nothing fails any more" faults_off
	load_end "$name"
	try "$name: the policy governs, nothing was ejected" governed_by s3fifo
	nothing_left "$name"
}

for name in failslab fail_page_alloc fail_function error_injection/list; do
	if [ ! -e "$debug/$name" ]; then
		echo "ok 1 - what fails on request # SKIP this kernel does not fail on request: no $debug/$name"
		echo 1..1
		exit 0
	fi
done

dying=$(cg_dying)
need "a far device over dram" far_up dram 256M
need "the cgroup" cg_make "$cg" 64M
# It keeps ghosts and prefetches: each allocates on its way.
need "a policy with a prefetcher" "$MAGE" policy load s3fifo --cgroup "$cg" --set prefetch=1
set_size 64

try "what may not wait: the load starts" load_start --size "$size" --threads 4 --seconds "$long" --ops "$ops"
try "what may not wait: half of it will fail" allocations Y
need "what may not wait: slabs" faults_in failslab 50
need "what may not wait: pages" faults_in fail_page_alloc 50
under "what may not wait"
after "what may not wait" failslab fail_page_alloc

try "any allocation: the load starts" load_start --size "$size" --threads 4 --seconds "$long" --ops "$ops"
try "any allocation: one in twenty will fail" allocations N
need "any allocation: slabs" faults_in failslab 5
need "any allocation: pages" faults_in fail_page_alloc 5
under "any allocation"
after "any allocation" failslab fail_page_alloc

try "functions: the load starts" load_start --size "$size" --threads 4 --seconds "$long" --ops "$ops"
try "functions: some can be told to fail" inject
functions | note
need "functions: one call in twenty will fail" faults_in fail_function 5
under "functions"
after "functions" fail_function

try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
all_goes "$dying"
tap_end
