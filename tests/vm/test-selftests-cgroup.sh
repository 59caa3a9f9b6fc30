#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 2G --timeout 1800
# groups: soak
# shellcheck disable=SC2016,SC2317 # another shell expands it; functions are called by way of "try"
#
# The kernel's own selftests of cgroups, with a plain cgroup and with a governed one as the root of what
# they see of the tree of cgroups: the same results.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/selftests.sh"

# Stock itself.
left_out=(
	["test_core test_cgcore_no_internal_process_constraint_on_threads"]="threads need the real root"
	["test_core test_cgcore_thread_migration"]="the same"
	["test_core test_cgcore_lesser_ns_open"]="the tree is not mounted with nsdelegate"
	["test_kmem test_percpu_basic"]="what CPUs have of 1,000 cgroups is not all that these take"
)
# Mage: docs/kernel.md, "Limits today".
for name in high max swap_max_peak; do
	left_out["test_memcontrol test_memcg_$name"]="the room that evictors keep is more than it allows"
done

# Their files are on ext4, as is what they look for and do not find in the root directory.
selftests_root()
{
	local dir
	for dir in bin dev etc lib lib64 proc sbin sys usr; do
		mkdir "$mnt/$dir" && mount --rbind "/$dir" "$mnt/$dir" || return
	done
}

# in_tree CGROUP PROGRAM. Where a program moves itself to the root of the tree it is the real one that it
# comes to, as processes and controllers are together in no other.
in_tree()
{
	timeout --signal=KILL $((200 * MAGE_SLOWNESS)) unshare -m bash -ec '
		for file in cgroup.procs cgroup.threads; do
			mount --bind "/sys/fs/cgroup/$file" "$1/$file"
		done
		mount --rbind "$1" "$2/sys/fs/cgroup"
		exec chroot "$2" stdbuf -oL "/selftests/$3"' bash "$1" "$mnt" "$2"
}

need "the programs on ext4" selftests_fs cgroup
need "their root directory" selftests_root
need "a plain cgroup and a governed one" selftests_cgroups 256M
for program in test_memcontrol test_kmem test_core test_freezer test_kill test_pids; do
	try "$program" selftest "$program" in_tree && note <"$tap_out"
done
selftests_end
