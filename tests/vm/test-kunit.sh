#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 180 --append "kunit.enable=1 kunit.filter_glob=mage*"
#
# The KUnit suites of Mage ran while the kernel booted; this shows their
# results, each test of each suite as one line.
set -euo pipefail

results=$(cat /sys/kernel/debug/kunit/mage*/results 2>/dev/null || true)
if [ -z "$results" ]; then
	echo "not ok 1 - the kernel has KUnit suites of Mage"
	exit 1
fi

# A suite's own line sums its tests up, with no indentation: not counted.
echo "$results" | sed -n 's/^    \(ok\|not ok\) /\1 /p; s/^    \(# .*\)/\1/p'
! grep -q '^not ok' <<<"$results"
