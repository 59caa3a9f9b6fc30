#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 600
# groups: quick full
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Names of mappings: under the policy regions memory that nobody uses stays if it is named to be kept,
# whatever else comes, and what is named to be scanned leaves before anything else does. A name may be
# given later. Each byte is verified.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/probe.sh"

cg=/sys/fs/cgroup/regions

# counted NAME LEAST: what a counter of the policy's has reached.
counted()
{
	is regions "$1" -ge "$2"
}

# A program that has written 12 MiB and does not use them: idle [NAME [late]].
idle()
{
	uses 12 0 "$@"
}

# local_most|local_few: of its pages, 3072.
local_most()
{
	local there
	there=$(sed -n "s/^unused: \([0-9]*\) of .*/\1/p" "$log")
	test "${there:-0}" -ge 2765 && return
	echo "$there of 3072 are local"
	return 1
}

local_few()
{
	! local_most && test -n "$(sed -n '/^unused: /p' "$log")"
}

# others MIB [NAME]: another program goes over its memory three times.
others()
{
	(cg_exec "$cg" "$probe" "$1" scan 3 "${@:2}")
}

# Something happens, so that there are ticks; and there is room for it.
stirred()
{
	others 8 && counted "$@"
}

need "a far device over dram" far_connect --backend dram --latency 20us --size 256M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" 32M
need "regions: it loads" "$MAGE" policy load regions --set recheck_s=1 --cgroup "$cg"

need "a program names its memory to be kept" idle keep:index
try "its mapping has the name" grep -q 'anon:keep:index' "/proc/$cg_pid/maps"
try "another one goes over twice the limit" others 64
try "no byte is wrong" used
try "what is kept has stayed, though nobody uses it" local_most
try "the policy has seen it" counted kept 3072

need "a program does not name its memory" idle
try "another one goes over twice the limit" others 64
try "no byte is wrong" used
try "what has no name has left" local_few

need "a program does not name its memory" idle
try "another one goes over twice the limit, and says that it does" others 64 scan:log
try "no byte is wrong" used
try "what is not scanned has stayed" local_most
try "the policy has seen what is" counted scanned 16384

kept=$((3072 + 3072))
need "a program will name its memory later" idle keep:late late
try "a program uses a little" others 8
try "it has not been counted" refuses 1 "it should be -ge $kept" counted kept "$kept"
kill -USR1 "$cg_pid"
try "it is named" eventually 30 grep -q named "$log"
try "the policy sees that" eventually 60 stirred kept "$((kept - 300))"
try "another one goes over twice the limit" others 64
try "no byte is wrong" used
try "what was named late has stayed" local_most

try "regions: it still governs" same policy regions "$(domain_field "$cg" policy)"
try "the domain is ended" "$MAGE" policy unload --cgroup "$cg"
try "the cgroup is removed" rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
