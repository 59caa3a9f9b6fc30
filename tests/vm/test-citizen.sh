#!/bin/bash
# vm: --smp 4 --mem 2G --nodes 2 --append movablecore=768M --timeout 900
# groups: full soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# A domain's pages to the rest of mm: those who find pages by number or isolate them work on these as on any
# others. Afterwards the pages are right, and the domain's again.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

mib=24
pages=$((mib * 256))
dying=$(cg_dying)

# citizen COMMAND [ARGUMENT]: has the process do something; what it says is in $answer.
citizen()
{
	echo "$*" >&"${process[1]}" && read -r -t 300 answer <&"${process[0]}" || return
	echo "$answer"
	[[ $answer == ok:* ]]
}

# frames_are OPERATOR NUMBER
frames_are()
{
	local frames
	frames=$(domain_field "$cg" frames)
	echo "frames: $frames"
	test "$frames" "$1" "$2"
}

# To stock's counters a domain's pages are inactive anonymous ones; shards hold back a few. What the process
# has beside its region counts, too.
counted()
{
	local counted frames slack
	frames=$(domain_field "$cg" frames)
	counted=$(($(cg_stat "$cg" inactive_anon) / 4096))
	slack=$((31 * 2 * $(nproc) + 256))
	echo "inactive_anon: $counted pages, frames: $frames"
	[ "$counted" -ge $((frames - slack)) ] && [ "$counted" -le $((frames + slack)) ]
}

# Whoever works on pages, then the look at what is there.
works()
{
	local name=$1
	shift
	try "$name" citizen "$@"
	note <"$tap_out"
	try "$name: the pages are the domain's again" eventually 60 frames_are -ge "$pages"
}

# elsewhere MIB: its pages go, others take so much of what is free first on their node, and they come back.
elsewhere()
{
	local places status
	places=$(mktemp -d)
	echo "${mib}M" >"$cg/memory.reclaim"
	mount -t tmpfs none "$places" && taskset -c 3 head -c "$1M" /dev/zero >"$places/taken" && citizen verify
	status=$?
	umount "$places"
	rmdir "$places"
	return "$status"
}

# One of the memory blocks that have its pages goes offline. Some have memory that the kernel took when it
# booted: if it has pages in those only, they are brought to others.
block_offline()
{
	local page mib_taken tried
	for mib_taken in 64 128 192 256 320; do
		tried=" "
		for ((page = 0; page < pages; page += pages / 32)); do
			citizen block "$page" || return
			block=${answer##* }
			[[ $tried == *" $block "* ]] && continue
			echo offline >"/sys/devices/system/memory/memory$block/state" && return
			tried+="$block "
		done
		elsewhere "$mib_taken" || return
	done
	return 1
}

# A page that is on its way out just then is given up, as stock's are while reclaim has them isolated; who
# wants it offline asks again. So does who finds it in the same place: it may have gone out meanwhile, and the
# place may have been free again.
soft_while_evicted()
{
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		citizen soft && return
		case $answer in
		*"Input/output error" | *"Device or resource busy" | *"is where it was") ;;
		*) return 1 ;;
		esac
	done
	return 1
}

compacted()
{
	local before after
	before=$(awk '$1 == "compact_isolated" { print $2 }' /proc/vmstat)
	echo 1 >/proc/sys/vm/compact_memory || return
	after=$(awk '$1 == "compact_isolated" { print $2 }' /proc/vmstat)
	echo "compact_isolated: $before, then $after"
	[ "$after" -gt "$before" ] && citizen verify
}

need "the cgroup" cg_make "$cg" 128M
need "a far device over dram" far_up dram 256M
need "the policy clock" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cg"
coproc process { cg_exec "$cg" build/tests/citizen $mib; }
read -r -t 300 answer <&"${process[0]}"
try "the process has filled its memory" test "${answer%%:*}" = ok
try "its pages are the domain's" eventually 60 frames_are -ge $pages
try "its pages are counted as inactive" counted
note <"$tap_out"

try "mlock() takes them out" citizen lock
try "mlock() takes them out: the domain has them no more" frames_are -lt $pages
works "munlock() gives them back" unlock
works "move_pages() to node 1" node 1
works "move_pages() to node 0" node 0
works "mbind() to node 1" bind 1
works "compaction" verify
try "compaction isolates pages" compacted
works "pages after compaction" write
works "page_idle" idle
try "a memory block goes offline" block_offline
works "the pages of a memory block that went" verify
try "it comes back" sh -c "echo online >/sys/devices/system/memory/memory$block/state"
works "soft offlining" soft
works "a page that is poisoned" poison
try "MADV_PAGEOUT" citizen pageout
works "pages that come back" write
try "its pages are counted as inactive, still" counted
note <"$tap_out"
try "MADV_COLLAPSE" citizen collapse

# The same under pressure, beside a load that keeps the evictors busy.
echo $((mib + 40))M >"$cg/memory.max"
load_start --size 64M --threads 2 --seconds "$long" --ops none
try "a load is under way" test $? -eq 0
for what in lock unlock "node 0" "node 1" idle verify compacted pageout soft write; do
	case $what in
	# Pages come and go meanwhile, so only what is in them says something.
	node* | idle | pageout) citizen "${what%% *}" "${what##* }" || [[ $answer != *"page "*", word"* ]] ;;
	compacted) compacted ;;
	soft) soft_while_evicted ;;
	*) citizen "$what" ;;
	esac >"$tap_out"
	status=$?
	[ $status -eq 0 ] || note <"$tap_out"
	tap $status "under load: $what"
done
load_end "beside it"
fd=${process[1]}
exec {fd}>&-
# shellcheck disable=SC2154 # that of "coproc process"
wait "$process_PID"
try "the process ends" test $? -eq 0
nothing_left "at the end"
all_goes "$dying"
tap_end
