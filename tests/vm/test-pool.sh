#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 300
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Pages that go from evictors to faults still charged, under loads that verify every byte: what is charged
# stays below the limit and is given back when it is wanted, no page shows what another program has left
# in it, and nothing is left in the end. Each load takes a sixth of $MAGE_TORTURE_SECONDS.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/swap_pages.sh

seconds=$(((MAGE_TORTURE_SECONDS + 5) / 6))
knob=/sys/kernel/debug/mage/pool
beside=/sys/fs/cgroup/beside

# more FIELD BEFORE [CGROUP]: a counter of the domain has grown.
more()
{
	local n
	n=$(domain_field "${3:-$cg}" "$1")
	echo "$1: $n, before $2"
	[ "$n" -gt "$2" ]
}

# pooled [CGROUP]: pages that wait for faults.
pooled()
{
	"$MAGE" status --json | jq --argjson id "$(stat -c %i "${1:-$cg}")" \
		'.domains[] | select(.cgroup_id == $id) | .pool_given - .pool_hits - .pool_drained'
}

pool_is_empty()
{
	same "pages in the pool" 0 "$(pooled "$@")"
}

# at_most FILE BYTES
at_most()
{
	echo "$1: $(cat "$cg/$1"), at most $2"
	[ "$(cat "$cg/$1")" -le "$2" ]
}

# The load does nothing for a while, and has what it had.
load_stops()
{
	kill -STOP "$cg_pid"
}

load_goes_on()
{
	kill -CONT "$cg_pid"
}

# A request for memory that is all had, from whatever is charged.
reclaims() # BYTES
{
	local before after
	before=$(cat "$cg/memory.current")
	echo "$1" >"$cg/memory.reclaim" || return
	after=$(cat "$cg/memory.current")
	echo "from $before to $after"
	[ "$after" -le $((before - $1)) ]
}

# lowered BYTES: when the write is over the limit is kept.
lowered()
{
	echo "$1" >"$cg/memory.max" && at_most memory.current "$1"
}

# Two programs in the same cgroup: each finds in new pages zeroes and in old ones its own, whatever pages
# the other has left.
two_programs()
{
	(steps "$cg" fill:A:24 pageout:A again:A:3 shuffle:A:3 check:A) &
	(steps "$cg" zero:B:8 fill:C:20 pageout:C zero:D:12 check:C shuffle:C:2 check:B check:D drop:C zero:C:20 check:C) &
	wait -n && wait -n
}

unloads()
{
	"$MAGE" policy unload --cgroup "$cg" && eventually 60 no_domains
}

dying=$(cg_dying)
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
need "a far device over dram" far_up dram 256M
need "the cgroup" cg_make "$cg" 32M
need "the policy fifo" "$MAGE" policy load fifo --cgroup "$cg"
set_size 64
try "it is on" same "$knob" Y "$(cat $knob)"

load "all operations" --size "$size" --threads 2 --seconds "$seconds"
try "all operations: pages were left to faults" more pool_given 1000
try "all operations: faults took them" more pool_hits 1000
try "all operations: never more was charged than may be" at_most memory.peak $((32 << 20))
try "all operations: what no fault takes is given back" eventually 30 pool_is_empty
nothing_left "all operations"

hits=$(domain_field "$cg" pool_hits)
try "two programs: each has what is its own" two_programs
try "two programs: faults took pages" more pool_hits "$hits"
nothing_left "two programs"

try "limits: the load starts" load_start --size 48M --threads 2 --seconds "$long" --ops none
try "limits: never more is charged when one is lowered" lowered $((24 << 20))
hits=$(domain_field "$cg" pool_hits)
try "limits: faults take pages under that" eventually 60 more pool_hits "$hits"
load_stops
try "limits: memory.reclaim has what it asks for" reclaims $((4 << 20))
try "limits: if it is a single page, too" reclaims 4096
try "limits: an idle domain has no pool" eventually 30 pool_is_empty
load_goes_on
hits=$(domain_field "$cg" pool_hits)
try "limits: it has one again" eventually 60 more pool_hits "$hits"
echo N >$knob
try "limits: switched off it is emptied" eventually 30 pool_is_empty
given=$(domain_field "$cg" pool_given)
faults=$(domain_field "$cg" faults)
try "limits: faults go on" eventually 60 more faults $((faults + 1000))
try "limits: nothing was left to them" same "pool_given" "$given" "$(domain_field "$cg" pool_given)"
echo Y >$knob

need "two domains: the other cgroup" cg_make "$beside" 16M
need "two domains: its policy" "$MAGE" policy load fifo --cgroup "$beside"
try "two domains: pages of the other are right" steps "$beside" fill:E:24 pageout:E shuffle:E:2 check:E
try "two domains: faults of the other took pages" more pool_hits 100 "$beside"
load_end "two domains"
try "two domains: the other cgroup is removed, and none is left dying" cg_remove "$beside" "$dying"

try "killed: the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
try "killed: the cgroup is killed" cg_kill "$cg"
cg_wait
nothing_left "killed"
try "killed: nothing waits for faults" eventually 30 pool_is_empty

try "detached: the load starts" load_start --size "$size" --threads 2 --seconds "$long" --ops none
try "detached: the policy is unloaded" unloads
load_end "detached"

all_goes "$dying"
tap_end
