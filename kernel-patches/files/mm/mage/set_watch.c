// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: legs of a set that do not answer, where others would.
 *
 * A transport takes seconds to find out that nobody is there.  Where another leg works nobody has
 * to wait for that: the leg is told that its reads are overdue, and suspends itself, if it can.
 * What is under way comes back, and is asked for elsewhere.  If it was only slow it is back soon.
 * One that cannot is left out, see set_stall.c.
 */
#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/mage_backend.h>
#include <linux/percpu-refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "set_leg.h"
#include "set_stale.h"
#include "set_stall.h"
#include "set_watch.h"
#include "set_write.h"

/* Between two looks at the legs. */
#define MAGE_WATCH_EVERY	(HZ / 4)

/* Looks in which reads were awaited from a leg and none came. */
#define MAGE_WATCH_LOOKS	4

/* Looks after which what could not be copied is tried once more. */
#define MAGE_WATCH_KICK		8

/* A leg from which reads are awaited, and nothing comes for so long, is stuck. */
#define MAGE_WATCH_STUCK	(HZ / 2)

/*
 * What is only guessed suspends a leg that others stand in for, and none that would have failed
 * by that: a packet that was lost is sent once more after a second or more.
 */
static bool mage_leg_can_be_spared(struct mage_leg *leg)
{
	return leg->dev.ops->overdue_reads && leg->to.loss_timeout_ms &&
	       mage_leg_has_others(leg, true);
}

/**
 * mage_set_overdue_reads() - overdue_reads() of struct mage_backend_ops
 * @dev: the far device
 *
 * Which leg does not answer is not said: it is one from which nothing comes.  If all are busy,
 * so that one page alone is overdue, each may have it that can be spared, one at a time in each
 * column.
 */
void mage_set_overdue_reads(struct mage_device *dev)
{
	unsigned long before[MAGE_LEGS_MAX];
	struct mage_set *set = dev->private;
	struct mage_leg *leg[MAGE_LEGS_MAX];
	unsigned int i, k, nr = 0;
	bool told = false;

	for (i = 0; i < set->nr_columns; i++)
		for (k = 0; k < READ_ONCE(set->columns[i].nr_legs) && nr < MAGE_LEGS_MAX; k++) {
			leg[nr] = mage_column_get_leg(&set->columns[i], k);
			if (!leg[nr])
				continue;
			before[nr] = mage_leg_reads(leg[nr]);
			nr++;
		}
	schedule_timeout_uninterruptible(MAGE_WATCH_STUCK);
	for (i = 0; i < nr; i++) {
		if (!mage_leg_is_stuck(leg[i], before[i]))
			continue;
		/* Also if nothing can be done about it: it is not one of the others. */
		told = true;
		if (leg[i]->dev.ops->overdue_reads)
			leg[i]->dev.ops->overdue_reads(&leg[i]->dev);
	}
	for (i = 0; i < nr; i++) {
		/* Once it is suspended the others of its column cannot be spared. */
		if (!told && mage_leg_is_awaited(leg[i]) && mage_leg_can_be_spared(leg[i]))
			leg[i]->dev.ops->overdue_reads(&leg[i]->dev);
		percpu_ref_put(&leg[i]->users);
	}
}

/* A leg whose reads have not come for so many looks. */
static void mage_leg_reads_fail_to_come(struct mage_leg *leg)
{
	unsigned long quiet = leg->looks * MAGE_WATCH_EVERY;

	if (!leg->dev.ops->overdue_reads) {
		/*
		 * It may have lost one, and answer others.  One that has failed does not, nor
		 * one of which nothing comes for long.
		 */
		if (quiet >= mage_leg_patience())
			mage_leg_stall(leg, "it does not answer reads",
				       !leg->dev.failed && quiet / 10 < mage_leg_patience());
	} else if (leg->looks >= MAGE_WATCH_LOOKS && mage_leg_can_be_spared(leg)) {
		leg->looks = 0;
		leg->dev.ops->overdue_reads(&leg->dev);
	}
}

static void mage_leg_writes_fail_to_come(struct mage_leg *leg, bool lost)
{
	if (!leg->dev.ops->overdue_reads)
		mage_leg_stall(leg, "it does not answer writes", lost);
	else if (READ_ONCE(leg->live) && mage_leg_can_be_spared(leg))
		/* Writes come back with them. */
		leg->dev.ops->overdue_reads(&leg->dev);
}

static void mage_leg_watch(struct mage_leg *leg)
{
	bool stuck = (READ_ONCE(leg->live) || READ_ONCE(leg->dev.failed)) &&
		     mage_leg_is_stuck(leg, leg->watched);
	bool lost;

	leg->watched = mage_leg_reads(leg);
	leg->looks = stuck ? leg->looks + 1 : 0;
	if (READ_ONCE(leg->stalled)) {
		leg->looks = 0;
		mage_leg_see_to_stall(leg);
		return;
	}
	if (leg->looks)
		mage_leg_reads_fail_to_come(leg);
	if (mage_leg_is_mute(leg, mage_leg_patience(), &lost))
		mage_leg_writes_fail_to_come(leg, lost);
}

static void mage_set_watch_work(struct work_struct *work)
{
	struct mage_set *set = container_of(work, struct mage_set, watch.work);
	struct mage_leg *leg;
	unsigned int i, k;

	for (i = 0; i < set->nr_columns; i++)
		for (k = 0; k < READ_ONCE(set->columns[i].nr_legs); k++) {
			leg = mage_column_get_leg(&set->columns[i], k);
			if (!leg)
				continue;
			mage_leg_watch(leg);
			percpu_ref_put(&leg->users);
		}
	/* What could not be copied may have failed for the moment only. */
	if (!(++set->looks % MAGE_WATCH_KICK))
		mage_set_kick(set);
	/* With a thread in reserve, as faults wait for it. */
	queue_delayed_work(set->write_queue, &set->watch, MAGE_WATCH_EVERY);
}

/**
 * mage_set_init_watch() - be ready for that
 * @set: the set
 */
void mage_set_init_watch(struct mage_set *set)
{
	INIT_DELAYED_WORK(&set->watch, mage_set_watch_work);
}

/**
 * mage_set_start_watch() - look at the legs from now on
 * @set: the set, which is connected
 */
void mage_set_start_watch(struct mage_set *set)
{
	queue_delayed_work(set->write_queue, &set->watch, MAGE_WATCH_EVERY);
}

/**
 * mage_set_stop_watch() - the end of that
 * @set: the set
 */
void mage_set_stop_watch(struct mage_set *set)
{
	disable_delayed_work_sync(&set->watch);
}
