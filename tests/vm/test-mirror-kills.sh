#!/bin/bash
# vm: --memnodes 2 --smp 4 --mem 2G --timeout 1500
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# A mirror of two memory nodes of which now the one is killed and now the other, each time when all legs are
# in sync: SIGKILL, SIGSTOP, a link that is cut, one after the other. Among them are kills of the leg that is
# being filled, kills while policies are swapped, and two while the device is switched off and the pages come
# back. All the while a load verifies every byte. None is wrong, nobody gets SIGBUS, and no page is lost.
# 20 kills; 1,000 where loads are long, as in the group soak.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/link.sh
. tests/vm/mirror.sh

kills=20
[ "$longer" -le 1 ] || kills=1000
read -ra nodes <<<"$MAGE_MEMNODES"
dying=$(cg_dying)
killed=0

mirror_up()
{
	far=$(far_connect --backend rdma --size 256M --address "${nodes[0]}" --address "${nodes[1]}" --mirror \
		--secret-file "$MAGE_SECRET_FILE" --loss-timeout 300s --swapon)
}

# leg_on NODE: the number of its leg; of the newest, if there are two.
leg_on()
{
	device_field "$far" "legs | map(select(.address == \"${nodes[$1]%:*}\") | .number) | max"
}

# number_is_away NUMBER: no page is read from that leg.
number_is_away()
{
	local state
	state=$(leg_field "$1" state)
	echo "leg $1 is $state"
	[ "$state" = suspended ] || [ "$state" = failed ]
}

is_whole()
{
	"$MAGE" device wait "$far" --in-sync --timeout $((120 * MAGE_SLOWNESS)) && not_degraded
}

# A daemon that was killed has nothing of what it held, and its leg fails as soon as it is there again.
replaced()
{
	local number
	number=$(leg_on "$1")
	tests/vm/memnode start "$1" && eventually 60 leg_is "$number" failed &&
		"$MAGE" device replace "$far" "$number" --address "${nodes[$1]}" --secret-file "$MAGE_SECRET_FILE"
}

# hit HOW NODE; heal HOW NODE
hit()
{
	case $1 in
	kill | pause) tests/vm/memnode "$1" "$2" ;;
	cut) cut "$2" ;;
	esac
}

heal()
{
	case $1 in
	kill) replaced "$2" ;;
	pause) tests/vm/memnode go-on "$2" ;;
	cut) mend "$2" ;;
	esac
}

# away HOW NODE: it is hit, and its leg is away. A daemon that is stopped serves RDMA still, as its adapter
# does that; what it does not do is hear of anything.
away()
{
	local number
	number=$(leg_on "$2")
	hit "$1" "$2" || return
	[ "$1" = pause ] || eventually 60 number_is_away "$number"
}

# strike HOW NODE: away and back, with all pages on both.
strike()
{
	away "$1" "$2" && moves && heal "$1" "$2" && is_whole && no_page_lost
}

# moves: pages go out and come back that did not before, and the load lives.
moves()
{
	mark
	eventually 60 goes_on && kill -0 "$cg_pid"
}

# The leg that is being filled is the one that is hit: once more for what takes its place.
strike_in_resync()
{
	local node=$1 number old
	old=$(leg_on "$node")
	away kill "$node" && tests/vm/memnode start "$node" && eventually 60 leg_is "$old" failed || return
	# Slowly enough to be hit.
	echo 2 >/sys/kernel/debug/mage/resync_mib
	"$MAGE" device add-leg "$far" --address "${nodes[$node]}" --secret-file "$MAGE_SECRET_FILE" || return
	number=$(leg_on "$node")
	same "the state of leg $number" resync "$(leg_field "$number" state)" &&
		tests/vm/memnode kill "$node" && eventually 60 number_is_away "$number" && moves || return
	echo 256 >/sys/kernel/debug/mage/resync_mib
	tests/vm/memnode start "$node" && eventually 60 leg_is "$number" failed &&
		"$MAGE" device remove-leg "$far" "$number" &&
		"$MAGE" device replace "$far" "$old" --address "${nodes[$node]}" --secret-file "$MAGE_SECRET_FILE" &&
		is_whole && no_page_lost
}

# Policies are swapped until the file is gone.
swap_policies()
{
	while [ -e "$log.swapping" ]; do
		"$MAGE" policy swap mglru --cgroup "$cg" && "$MAGE" policy swap fifo --cgroup "$cg" || return
	done
}

strike_in_swaps()
{
	local status swaps
	touch "$log.swapping"
	swap_policies &
	swaps=$!
	strike kill "$1"
	status=$?
	rm "$log.swapping"
	wait "$swaps" && return "$status"
}

# All pages come back while a node is killed; the device goes, and another one is made.
strike_in_swapoff()
{
	local status
	echo 256M >"$cg/memory.max"
	"$MAGE" device disconnect "$far" --swapoff &
	tests/vm/memnode kill "$1" || return
	wait $!
	status=$?
	[ "$status" -eq 0 ] && kill -0 "$cg_pid" && tests/vm/memnode start "$1" && eventually 30 mirror_up
	status=$?
	set_size "$mib"
	[ "$status" -eq 0 ] && moves && not_degraded
}

# One of each ten is of the rarer ones.
round()
{
	local node=$(($1 % 2)) how
	case $(($1 % 10)) in
	3) strike_in_resync "$node" && killed=$((killed + 1)) ;;
	6) strike_in_swaps "$node" ;;
	9) strike_in_swapoff $(($1 / 10 % 2)) ;;
	*)
		how=(kill pause cut)
		strike "${how[$1 % 3]}" "$node"
		;;
	esac || return
	killed=$((killed + 1))
}

mib=32
need "the cgroup" cg_make "$cg" 16M
need "a mirror on two memory nodes" mirror_up
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"
set_size "$mib"
need "the load starts" load_start --size "$size" --threads 4 --seconds $((long * 10)) --ops none
need "pages go out and come back" moves
for ((n = 0; killed < kills; n++)); do
	need "kill $n: no page is lost, and both nodes have all again" round "$n"
done
load_end "$killed kills"
note <<<"longest visit of a page: $(load_count longest_ms) ms"
try "nobody was killed for want of memory" same "oom_kill" 0 \
	"$(awk '$1 == "oom_kill" { print $2 }' "$cg/memory.events")"
nothing_left "the end"
try "it is disconnected" "$MAGE" device disconnect "$far" --swapoff
try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
try "no domain is left" eventually 30 no_domains
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
tap_end
