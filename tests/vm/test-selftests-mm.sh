#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 2G --timeout 1800
# groups: soak
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# The kernel's own selftests of memory management in a plain cgroup and in a governed one, whose limit
# is less than some of them use: the same results. Those that want huge pages of a pool, a second node
# or minutes of emulation are not among them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/selftests.sh"

# here CGROUP PROGRAM [ARGUMENT...]: in its own directory, where some start themselves anew.
here()
{
	(
		cd "$mnt/selftests" || exit
		cg_exec "$1" timeout --signal=KILL $((120 * MAGE_SLOWNESS)) stdbuf -oL "./$2" "${@:3}"
	)
}

need "the programs on ext4" selftests_fs mm
need "a plain cgroup and a governed one" selftests_cgroups 32M
while read -r program arguments; do
	# shellcheck disable=SC2086 # they are words
	try "$program" selftest "$program" here $arguments && note <"$tap_out"
done <<-END
	madv_populate
	mlock2-tests
	mlock-random-test
	mkdirty
	map_populate
	mremap_dontunmap
	ksm_functional_tests
	split_huge_page_test
	soft-dirty
	mrelease_test
	mdwe_test
	droppable
	mseal_test
	cow
	uffd-unit-tests
	pagemap_ioctl
END
selftests_end
