// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the records of the policies that left, whatever became of their domains.
 */
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include "exitlog.h"

/*
 * Protects mage_exits and mage_exits_nr.  Taken by works and by dumps, both in
 * process context; nothing else is taken under it.
 */
static DEFINE_SPINLOCK(mage_exits_lock);
static struct mage_exit_record mage_exits[MAGE_EXIT_RECORDS];
static u64 mage_exits_nr;

/**
 * mage_exit_log() - keep the record of a policy that left
 * @cgroup_id: of its domain
 * @info: why it left
 *
 * The oldest of MAGE_EXIT_RECORDS records makes room for it.
 */
void mage_exit_log(u64 cgroup_id, const struct mage_exit_info *info)
{
	struct mage_exit_record *record;

	spin_lock(&mage_exits_lock);
	record = &mage_exits[mage_exits_nr % MAGE_EXIT_RECORDS];
	record->number = ++mage_exits_nr;
	record->time_ns = ktime_get_real_ns();
	record->cgroup_id = cgroup_id;
	record->info = *info;
	spin_unlock(&mage_exits_lock);
}

/**
 * mage_exit_log_next() - the oldest record after a given one
 * @after: number of that one, 0 for the beginning
 * @record: filled in
 *
 * Return: whether there is one
 */
bool mage_exit_log_next(u64 after, struct mage_exit_record *record)
{
	bool found = false;

	spin_lock(&mage_exits_lock);
	if (mage_exits_nr > MAGE_EXIT_RECORDS)
		after = max(after, mage_exits_nr - MAGE_EXIT_RECORDS);
	if (after < mage_exits_nr) {
		*record = mage_exits[after % MAGE_EXIT_RECORDS];
		found = true;
	}
	spin_unlock(&mage_exits_lock);
	return found;
}
