// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the records of the policies that left, whatever became of their domains.
 */
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
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
 * @record: the record, all but number and time; what it points to is the log's from now on
 *
 * The oldest of MAGE_EXIT_RECORDS records makes room for it.
 */
void mage_exit_log(struct mage_exit_record *record)
{
	struct mage_exit_record *place;
	char *oldest;

	spin_lock(&mage_exits_lock);
	place = &mage_exits[mage_exits_nr % MAGE_EXIT_RECORDS];
	oldest = place->dump;
	record->number = ++mage_exits_nr;
	record->time_ns = ktime_get_real_ns();
	*place = *record;
	spin_unlock(&mage_exits_lock);
	kfree(oldest);
}

/**
 * mage_exit_log_next() - the oldest record after a given one
 * @after: number of that one, 0 for the beginning
 * @record: filled in, @dump of it NULL
 * @dump: room for MAGE_DUMP_LEN bytes; the text, "" if there is none
 *
 * Return: whether there is one
 */
bool mage_exit_log_next(u64 after, struct mage_exit_record *record, char *dump)
{
	bool found = false;

	spin_lock(&mage_exits_lock);
	if (mage_exits_nr > MAGE_EXIT_RECORDS)
		after = max(after, mage_exits_nr - MAGE_EXIT_RECORDS);
	if (after < mage_exits_nr) {
		*record = mage_exits[after % MAGE_EXIT_RECORDS];
		strscpy(dump, record->dump ?: "", MAGE_DUMP_LEN);
		/* It may be freed as soon as the lock is not held. */
		record->dump = NULL;
		found = true;
	}
	spin_unlock(&mage_exits_lock);
	return found;
}
