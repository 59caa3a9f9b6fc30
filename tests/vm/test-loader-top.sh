#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 480
# groups: quick full
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# "mage top": its screen, in a pseudo terminal, and its batch mode.
. "$(dirname "$0")/lib.sh"

cg=/sys/fs/cgroup/topmost
work=$(mktemp -d)

try "no terminal" fails 2 "no terminal; use -b" "$MAGE" top
try "nothing to sort by" fails 2 "did you mean faults" "$MAGE" top -b --sort falts
try "an interval of zero" fails 2 "interval is zero" "$MAGE" top -b --interval 0
"$MAGE" top -b --interval 0.1 --count 1 >"$work/output"
try "no domain" grep -q "No cgroup is governed" "$work/output"

need "a far device" "$MAGE" device connect --backend dram --size 64M --swapon
need "the cgroup" cg_make $cg 16M
need "a policy" "$MAGE" policy load fifo --cgroup $cg
"$MAGE" top -b --interval 0.1 --count 3 --sort name >"$work/output"
try "three samples" same "the exit status" 0 $?
try "each with the domain, in both tables" same "lines" 6 "$(grep -c '^/topmost  *fifo ' "$work/output")"
try "and what its policy does" same "headers" 3 "$(grep -c '^CGROUP  *POLICY  *CALL/s  *PICK/s' "$work/output")"
try "each with the device" same "lines" 3 "$(grep -c '^mage0 .* dram ' "$work/output")"
try "no line is longer than 80" same "long lines" 0 "$(grep -c '.\{81\}' "$work/output")"

python3 tests/vm/top_screen.py "$MAGE" /topmost >"$work/screen"
status=$?
grep '^# ' "$work/screen"
while read -r line; do
	case $line in
	"ok "*) tap 0 "${line#* - }" ;;
	"not ok "*) tap 1 "${line#* - }" ;;
	esac
done <"$work/screen"
try "all about the screen" same "the exit status" 0 $status

try "unloading" "$MAGE" policy unload --cgroup $cg
try "the cgroup is removed" rmdir $cg
try "the far device is disconnected" "$MAGE" device disconnect mage0 --swapoff
rm -rf "$work"
tap_end
