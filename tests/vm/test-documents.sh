#!/bin/bash
# vm: --smp 4 --mem 2G --memnodes 3 --memnode-size 256M --disk 64M --timeout 900
# groups: soak
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# What the documents say to type is typed. A block of commands whose text before ends in
# "<!-- run: NAME -->" is followed here as it is written, but for what is too large or has another
# name on this machine ($here), beside a program that verifies its memory.
. "$(dirname "$0")/lib.sh"

top=$PWD
cg=/sys/fs/cgroup/app
work=$(mktemp -d)
documents=(*.md docs/*.md */README.md)
PATH=/usr/local/bin:/usr/local/sbin:$top/build/bpftool:$PATH

# Sizes, times, and what stands for what a reader has.
here=(-e 's/\b16G\b/128M/g' -e 's/\b64G\b/64M/g' -e 's/\b32G\b/32M/g' -e 's/\b4G\b/24M/g'
	-e 's/--local 1G/--local 64M/' -e 's/\b4M\b/16M/g' -e 's/--for 60s/--for 5s/' -e 's/--interval 10\b/--interval 1/'
	-e 's/> 2x/> 100000x/' -e 's:/dev/nvme1n1p2:/dev/vda:' -e 's/\bNAME\b/clock/'
	-e 's/\bPID\b/@load@/' -e 's/"10\.0\.0\.2"/"@node2@"/' -e 's/mage0 1 /mage0 @leg@ /' -e 's:\bCGROUP\b:/app:' -e 's/== 4212/== @id@/')

# block NAME: its commands, without what they are set in by.
block()
{
	awk -v mark="<!-- run: $1 -->" '
		substr($0, length($0) - length(mark) + 1) == mark { on = 1; next }
		on && /^    / { print substr($0, 5); begun = 1; next }
		on && begun { exit }' "${documents[@]}" | sed "${here[@]}"
}

# ends_not COMMAND: not before Ctrl-C.
ends_not()
{
	case $1 in
	*--count*) return 1 ;;
	*--watch* | "mage trace "* | mage-memnoded* | "mage run "* | "cat trace_pipe"*) return 0 ;;
	esac
	return 1
}

spoke()
{
	[ -s "$work/said" ] || ! kill -0 "$endless" 2>/dev/null
}

# Until it has said something, and $meanwhile is true.
for_a_while()
{
	local status
	# A job of its own, as in a terminal; others are started deaf to Ctrl-C.
	set -m
	bash -c "exec $1" >"$work/said" 2>&1 &
	set +m
	endless=$!
	eventually 60 spoke && eventually 60 "$meanwhile"
	status=$?
	kill -s INT "$endless" && wait "$endless"
	# It ends in order, or by the signal.
	case $? in
	0 | 130) ;;
	*) status=1 ;;
	esac
	[ "$status" -eq 0 ] || cat "$work/said"
	return "$status"
}

# typed COMMAND: in this shell, where "cd" lasts.
typed()
{
	if ends_not "$1"; then
		for_a_while "$1"
	else
		set +u
		eval "$1"
	fi
}

# Nothing more of the text: a line that continues, or ends within quotes, is not all of it.
is_whole()
{
	[[ $1 != *\\$'\n' ]] && bash -n <<<"$1" 2>/dev/null
}

# follow NAME [FUNCTION]: each command of the block; before each the function looks at it.
followed=()
follow()
{
	local command="" line count=0
	followed+=("$1")
	while IFS= read -r line <&3; do
		command+=$line$'\n'
		is_whole "$command" || continue
		if [[ $command != \#* && $command != $'\n' ]]; then
			${2-:} "$command"
			command=${command//@load@/${load-}}
			command=${command//@id@/${id-}}
			command=${command//@leg@/${leg-}}
			command=${command//@node2@/${node2-}}
			try "$1: ${command%%$'\n'*}" typed "$command"
			count=$((count + 1))
		fi
		command=
	done 3<<<"$(block "$1")"
	cd "$top" || exit 2
	try "$1: it ends with a whole command, and has some" [ "$count${command:+ and $command}" -gt 0 ]
}

# A program with 32 MiB, which are charged to whatever cgroup it is moved to.
load_begins()
{
	python3 -c '
import time
while "/app" not in open("/proc/self/cgroup").read():
    time.sleep(0.1)
b, marks = bytearray(32 << 20), bytes(i & 255 for i in range(8192))
b[::4096] = marks
while True:
    assert b[::4096] == marks' >"$work/load" 2>&1 &
	load=$!
}

load_pages()
{
	[ "$(domain_field "$cg" faults)" -gt 1000 ]
}

# load_ends: it was right until now.
load_ends()
{
	kill "$load" || { cat "$work/load"; return 1; }
	wait "$load"
	same "the status of the load" 143 $?
}

# load_governed: with a far device there already.
load_governed()
{
	load_begins
	[ -d "$cg" ] || mkdir "$cg"
	echo 24M >"$cg/memory.max" && mage policy load clock --cgroup "$cg" && echo "$load" >"$cg/cgroup.procs" &&
		eventually 60 load_pages
}

# The pages are gone before the device goes.
use_step()
{
	case $1 in
	"mage status --watch"*) meanwhile=load_pages ;;
	"mage device disconnect"*) try "use: no byte was wrong" load_ends ;;
	*) meanwhile=true ;;
	esac
}

# The client app1 is this machine itself, with what was written to its file.
lend_step()
{
	case $1 in
	mage-memnoded*) meanwhile=lent ;;
	esac
}

lent()
{
	sed -n 's/^key = //p' /etc/mage/clients.d/app1 >"$work/secret" && chmod 600 "$work/secret" &&
		mage doctor --address "$own" --secret-file "$work/secret" | grep 'can be reached, knows the secret'
}

nodes_known()
{
	local node count=1
	for node in $MAGE_MEMNODES; do
		echo "${node%:*} node$count" >>/etc/hosts
		count=$((count + 1))
	done
	install -D -m 600 "$MAGE_SECRET_FILE" /etc/mage/secret
}

leg_state()
{
	same "the state of leg $1" "$2" "$(device_field mage0 "legs[] | select(.number == $1) | .state")"
}

# A node that is rebooted has lost its memory.
ssh()
{
	tests/vm/memnode kill 1 && tests/vm/memnode start 1
}

meanwhile=true
read -r _ node2 _ <<<"$MAGE_MEMNODES"
node2=${node2%:*}
own=$(ip -j -4 addr show dev eth0 | jq -r '.[0].addr_info[0].local')

follow install
need "the nodes have names" nodes_known
follow lend lend_step

load_begins
follow use use_step
try "the cgroup is removed" rmdir "$cg"

follow mirror
need "a load" load_governed
id=$(stat -c %i "$cg")
follow where-time-goes
follow features
follow measure
follow trace
follow trace-json
follow loadall
need "the same of batches" bpftool prog loadall build/bpf/batches.bpf.o /sys/fs/bpf/batches pinmaps /sys/fs/bpf/batches_maps autoattach
follow dump
follow sums
follow stages
follow remove
follow ftrace
follow record
try "the trace is there" rm app.trace
follow cpuset
echo 24M >"$cg/memory.max"
follow reboots
leg=$(device_field mage0 "legs[] | select(.address == \"$node2\").number")
try "a node loses its memory" ssh
try "its leg has failed" eventually 60 leg_state "$leg" failed
follow replace
try "no byte was wrong" load_ends
try "the policy is unloaded" mage policy unload --cgroup "$cg"
try "the mirror is disconnected" mage device disconnect mage0 --swapoff

follow block-device
try "the block device is disconnected" mage device disconnect mage0 --swapoff
follow faults
try "no fault is in force" eval 'echo 0 >/sys/kernel/debug/mage/dram/faults'

try "no mark of a document was left out" same "marks" \
	"$(grep -oh '<!-- run: [a-z-]* -->' "${documents[@]}" | sort | uniq)" \
	"$(printf '<!-- run: %s -->\n' "${followed[@]}" | sort)"
tap_end
