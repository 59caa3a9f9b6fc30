#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 300 --append "kunit.enable=1 kunit.filter_glob=mage*"
# groups: quick full
# cpus: 1
#
# The KUnit suites of Mage ran while the kernel booted; this shows their
# results, each test of each suite as one line.  Every suite has to have run all
# the tests that it announced, and to have skipped none.
set -euo pipefail
cd "$(dirname "$0")/../.."

suites=(
	mage mage_around mage_checksum mage_clean mage_commit mage_dram mage_dump mage_epoch mage_flight mage_ghost mage_hint mage_lru mage_numa mage_pass mage_policy mage_pool
	mage_prefetch mage_queue mage_rdma_handshake mage_rdma_read mage_rdma_session mage_rdma_write
	mage_read mage_region mage_room mage_set mage_slot mage_swapin
	mage_takeover mage_tree mage_wait mage_write
)
results=/sys/kernel/debug/kunit
count=0
failed=0

result() { # ok|not ok, NAME
	count=$((count + 1))
	[ "$1" = ok ] || failed=1
	echo "$1 $count - $2"
}

# The tests of a suite: its lines are indented, a line of its own sums them up.
show() {
	local announced line seen=0

	announced=$(sed -n 's/^    1\.\.\([0-9]*\)$/\1/p' "$results/$1/results")
	while IFS= read -r line; do
		case $line in
		"    ok "*" # SKIP"*)
			line=${line%% # SKIP*}
			result "not ok" "$1: ${line#    ok * } was skipped, and must not be"
			seen=$((seen + 1))
			;;
		"    ok "*)
			result ok "$1: ${line#    ok * }"
			seen=$((seen + 1))
			;;
		"    not ok "*)
			result "not ok" "$1: ${line#    not ok * }"
			seen=$((seen + 1))
			;;
		"    # "*) echo "${line#    }" ;;
		esac
	done <"$results/$1/results"
	if [ "$seen" -eq 0 ] || [ "$seen" != "$announced" ]; then
		result "not ok" "$1: all of its tests ran"
		echo "# it announced ${announced:-nothing} and showed $seen"
	fi
}

# Neither one that the sources have and this list has not, nor the other way round.
in_sources=$(grep -rhA1 'struct kunit_suite .* = {' kernel-patches/files |
	sed -n 's/.*\.name = "\(.*\)",/\1/p' | sort)
if [ "$in_sources" = "$(printf '%s\n' "${suites[@]}" | sort)" ]; then
	result ok "the suites of the sources are those that are expected"
else
	result "not ok" "the suites of the sources are those that are expected"
	diff <(printf '%s\n' "${suites[@]}" | sort) <(echo "$in_sources") | sed 's/^/# /'
fi

for suite in "${suites[@]}"; do
	if [ -e "$results/$suite/results" ]; then
		show "$suite"
	else
		result "not ok" "the kernel has the suite $suite"
	fi
done
echo "1..$count"
exit $failed
