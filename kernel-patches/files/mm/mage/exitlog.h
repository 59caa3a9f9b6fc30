/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the records of the policies that left.
 */
#ifndef _MM_MAGE_EXITLOG_H
#define _MM_MAGE_EXITLOG_H

#include <linux/mage_policy.h>

/**
 * struct mage_exit_record - a policy that left
 * @number: counts from 1
 * @time_ns: when it left, of the wall clock
 * @cgroup_id: its domain's
 * @info: why it left
 */
struct mage_exit_record {
	u64 number;
	u64 time_ns;
	u64 cgroup_id;
	struct mage_exit_info info;
};

void mage_exit_log(u64 cgroup_id, const struct mage_exit_info *info);
bool mage_exit_log_next(u64 after, struct mage_exit_record *record);

#endif /* _MM_MAGE_EXITLOG_H */
