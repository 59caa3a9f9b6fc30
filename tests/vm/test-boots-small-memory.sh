#!/bin/bash
# vm: --smp 2 --mem 512M --timeout 400
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# 512 MiB of memory, of which frames and an emulated far store take their part.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/boots.sh

# is_small KIB: the machine has no more; on the debug kernel it is larger.
is_small()
{
	local total
	total=$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)
	echo "$total KiB"
	[ "$total" -le "$1" ]
}

try "the machine is small" is_small $((1024 << 10))
try "there are frames" frames_are 1
try "a far store that does not fit is refused" refuses 1 "not enough free memory" \
	"$MAGE" device connect --backend dram --size 2G
try "nothing is left of it" no_devices
domain_works 64 32 2 6
try "nobody was killed for memory" same "oom_kill" 0 "$(awk '$1 == "oom_kill" { print $2 }' /proc/vmstat)"
tap_end
