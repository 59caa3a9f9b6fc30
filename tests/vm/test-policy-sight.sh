#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600
# groups: quick full
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# What a policy sees: pages that were there before it, a cgroup in which nothing happens, nodes, how
# long far memory takes. And what the policy senpai makes of that: pages that nobody uses leave though
# the limit is far away, those in use stay. Each byte is verified.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/probe.sh"

seer=build/tests/vm/policies/seer.bpf.o
cg=/sys/fs/cgroup/sight

# local_share KIND MOST|LEAST PERCENT: of what the program said.
local_share()
{
	local there all
	read -r there all <<<"$(sed -n "s/^$1: \([0-9]*\) of \([0-9]*\) local/\1 \2/p" "$log")"
	case $2 in
	most) test $((there * 100)) -le $((all * $3)) && return ;;
	least) test $((there * 100)) -ge $((all * $3)) && return ;;
	esac
	echo "of $all pages $1, $there are local; $2 are $3 %"
	return 1
}

# Local pages of the program, a few others included.
anon_below()
{
	local anon
	anon=$(cg_stat "$cg" anon)
	echo "anon is $anon, not below $1"
	[ "$anon" -lt "$1" ]
}

none_is_dying()
{
	same "dying cgroups" 0 "$(sed -n 's/^nr_dying_descendants //p' "$cg/cgroup.stat")"
}

idle_passes()
{
	is seer idle -gt $(($1 + 10))
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 128M
need "fifo: it loads" "$MAGE" policy load fifo --cgroup "$cg"

# -- What was there

need "a program uses all its pages" uses 32 100
try "seer: it takes over" "$MAGE" policy swap "$seer" --cgroup "$cg"
try "seer: it is told of the pages that are there" eventually 30 is seer told -ge 8192
try "seer: there is none that it does not know" eventually 30 is seer untold -eq 0

# -- Where those go that tell an arrival from a use: not where arrivals lose their accessed bits

# taken_over LIST: most pages of the program are on that list, and none on that of arrivals.
taken_over()
{
	local lists
	lists=$("$MAGE" policy show "$cg" --json | jq -c '[.. | .lists? // empty | arrays][0]')
	echo "lists have $lists pages"
	jq -e --argjson list "$1" '(.[0] < 512) and (.[$list] >= 8192)' <<<"$lists"
}

for named in arc:2 s3fifo:2 twoq:1 clockpro:1 lirs:1; do
	try "${named%:*}: it takes over" "$MAGE" policy swap "${named%:*}" --cgroup "$cg"
	try "${named%:*}: what is there is where it is looked at first" \
		eventually 30 taken_over "${named#*:}"
done
try "seer: it takes over again" "$MAGE" policy swap "$seer" --cgroup "$cg"
try "seer: it is told of the pages once more" eventually 30 is seer told -ge 8192

# -- Pages that very many processes map: a look goes by each mapping, and each is paid for

CROWD=200

# A program with pages that it shares with many children, which do nothing.
crowd_starts()
{
	(cg_exec "$cg" python3 -c '
import mmap, os, signal, sys
memory = mmap.mmap(-1, 8 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
pages = range(0, len(memory), mmap.PAGESIZE)
for page in pages:
    memory[page] = 1 + page // mmap.PAGESIZE % 255
memory.madvise(20)  # MADV_COLD: by that the policy knows them
children = []
for _ in range(int(sys.argv[1])):
    children.append(os.fork())
    if not children[-1]:
        signal.pause()
print("filled", flush=True)
sys.stdin.readline()
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
assert all(memory[page] == 1 + page // mmap.PAGESIZE % 255 for page in pages)
' "$CROWD") <"$log.go" >"$log" &
	crowd_pid=$!
	exec 7>"$log.go"
	eventually 120 grep -q filled "$log"
}

# Two more ticks have begun and ended since.
crowd_ticks()
{
	is crowd ticks -gt $((ticks + 1))
}

crowd_ends()
{
	echo >&7
	exec 7>&-
	wait "$crowd_pid"
}

try "crowd: it takes over" "$MAGE" policy swap build/tests/vm/policies/crowd.bpf.o --cgroup "$cg"
mkfifo "$log.go"
try "crowd: a program shares its pages with $CROWD others" crowd_starts
ticks=$(global crowd ticks)
try "crowd: it has looked at them" eventually 30 crowd_ticks
# There are 2,048, and a call has 8,192 looks; a walk pays for a few pages at once.
try "crowd: a page that $CROWD map counts as many" is crowd seen -le $((8192 / CROWD + 64))
try "crowd: there are many that it did not get to" is crowd unseen -gt 1024
try "crowd: it has seen some" is crowd seen -ge $((8192 / CROWD / 2))
try "crowd: no byte is wrong" crowd_ends
rm -f "$log.go"
try "seer: it takes over once more" "$MAGE" policy swap "$seer" --cgroup "$cg"

# -- Where nothing happens

try "seer: ticks go on while nothing happens" eventually 30 is seer idle -gt 10
idle=$(global seer idle)
try "seer: and on" eventually 30 idle_passes "$idle"

# -- Far memory

echo 16M >"$cg/memory.max"
try "seer: no byte is wrong" used
try "seer: reads take as long as they do" eventually 30 is seer slowest_read -ge 20000
try "seer: faults take longer" eventually 30 is seer fault_ns -ge 20000
for variable in wrong_word wrong_node wrong_batch; do
	try "seer: $variable" is seer $variable -eq 0
done
try "seer: it still governs" same policy seer "$(domain_field "$cg" policy)"

# -- A new cgroup has ticks from the start, and one that goes has no more

echo "+memory" >"$cg/cgroup.subtree_control"
mkdir "$cg/below"
idle=$(global seer idle)
try "seer: ticks go on with a cgroup below" eventually 30 idle_passes "$idle"
rmdir "$cg/below"
# A cgroup with a controller for others below takes no processes.
echo "-memory" >"$cg/cgroup.subtree_control"
try "the cgroup below is gone" eventually 30 none_is_dying

# -- Memory that nobody uses

# A round through the pages in use has to take less than from one look to the next, on slow machines too.
echo 128M >"$cg/memory.max"
try "senpai: it takes over" "$MAGE" policy swap senpai --set interval_ms=200 --set step_ppm=200000 \
	--set look_ms=$((1000 * MAGE_SLOWNESS)) --cgroup "$cg"
need "a program uses a quarter of its pages" uses 64 25
try "senpai: what is not used leaves, though the limit is far away" \
	eventually 120 anon_below $((26 << 20))
try "senpai: no byte is wrong" used
try "senpai: what is used stays" local_share used least 75
try "senpai: most of the rest has left" local_share unused most 25
try "senpai: it still governs" same policy senpai "$(domain_field "$cg" policy)"

try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
try "the cgroup is removed" rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
