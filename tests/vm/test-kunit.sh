#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 180 --append "kunit.enable=1 kunit.filter_glob=mage*"
#
# The KUnit suites of Mage ran while the kernel booted; this shows their
# results, each test of each suite as one line.  Every suite of the sources has
# to be there, with as many results as it announced.
set -euo pipefail
cd "$(dirname "$0")/../.."

suites=$(grep -rhA1 'struct kunit_suite .* = {' kernel-patches/files | sed -n 's/.*\.name = "\(.*\)",/\1/p')
[ -n "$suites" ]
count=0
failed=0
for suite in $suites; do
	results=$(cat "/sys/kernel/debug/kunit/$suite/results" 2>/dev/null || true)
	announced=$(sed -n 's/^    1\.\.\([0-9]*\)$/\1/p' <<<"$results")
	if [ -z "$announced" ]; then
		count=$((count + 1))
		failed=1
		echo "not ok $count - the kernel has the suite $suite"
		continue
	fi
	count=$((count + announced))
	# A suite's own line sums its tests up, with no indentation: not counted.
	sed -n 's/^    \(ok\|not ok\) [0-9]* /\1 - /p; s/^    \(# .*\)/\1/p' <<<"$results"
	! grep -q '^    not ok' <<<"$results" || failed=1
done
echo "1..$count"
exit $failed
