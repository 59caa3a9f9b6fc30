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
 * @governed: it had come to govern, and the next two say something
 * @dump_cut: @dump was not all
 * @callback: calls of its callbacks
 * @list: pages that were on its lists
 * @dump: what it said as it was ejected, to be freed by kfree(), or NULL
 */
struct mage_exit_record {
	u64 number;
	u64 time_ns;
	u64 cgroup_id;
	struct mage_exit_info info;
	bool governed;
	bool dump_cut;
	struct mage_callback_stats callback[MAGE_CALLBACKS];
	u64 list[MAGE_LISTS];
	char *dump;
};

void mage_exit_log(struct mage_exit_record *record);
bool mage_exit_log_next(u64 after, struct mage_exit_record *record, char *dump);

#endif /* _MM_MAGE_EXITLOG_H */
