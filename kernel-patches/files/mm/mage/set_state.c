// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: how the legs of a set are, and by that the far device.
 *
 * The device is suspended while a column has no leg that works and one that may come back.
 * It has failed, as a whole, when a column has none left.
 *
 * A backend tells of its far store with locks of its own held and interrupts off.  So its
 * leg changes, and with it the device, under the lock of the set: who posts a write there
 * finds the one state or the other.
 *
 *   - Suspended: what is under way comes back as failed, which makes it stale there; what is
 *     posted from then on leaves the leg out, which makes it stale at once.
 *   - Resumed: nothing of the leg's is under way any more, but a batch that has failed there
 *     may still be under way at others.  It becomes stale here before that batch is done, and
 *     until it is nobody reads the slot.
 *
 * So what is said of it is printed later, by printk_deferred(): a slow console would have all
 * evictors wait for the lock.
 */
#include <linux/container_of.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "set_stale.h"
#include "set_state.h"

static void mage_column_judge(struct mage_set *set, const struct mage_column *column,
			      bool *away, const char **why)
{
	bool works = false, comes_back = false;
	struct mage_leg *leg;

	mage_for_each_leg(column, leg) {
		works |= leg->live;
		comes_back |= !mage_leg_is_spare(leg);
		if (!leg->live && leg->why[0])
			*why = leg->why;
	}
	if (works)
		return;
	if (comes_back)
		*away = true;
	else
		mage_device_fail(set->dev, *why);
}

/* Under the lock: what the state of the legs makes of the device. */
static void mage_set_judge(struct mage_set *set)
{
	const char *why = "the last leg is gone";
	bool away = false;
	unsigned int i;

	lockdep_assert_held(&set->lock);
	for (i = 0; i < set->nr_columns; i++)
		mage_column_judge(set, &set->columns[i], &away, &why);
	if (away)
		mage_device_suspend(set->dev, why);
	else
		mage_device_resume(set->dev);
}

/**
 * mage_leg_judge() - the state of a leg has changed
 * @leg: the leg; the lock of the set is held
 */
void mage_leg_judge(struct mage_leg *leg)
{
	struct mage_set *set = leg->set;

	lockdep_assert_held(&set->lock);
	WRITE_ONCE(leg->live, !leg->dev.suspended && !mage_leg_is_spare(leg));
	/* Before it is one of the column's legs it decides nothing. */
	if (!leg->column || !set->in_use)
		return;
	mage_set_judge(set);
	/* It may be what a page was waited for from, or pages may be lost now. */
	mage_device_may_read(set->dev);
	mage_device_changed(set->dev);
	mage_set_kick(set);
}

static struct mage_leg *mage_leg_of(struct mage_device *dev)
{
	return container_of(dev, struct mage_leg, dev);
}

static __printf(3, 4) void mage_leg_say(const struct mage_leg *leg, const char *level,
					const char *format, ...)
{
	struct va_format what = { .fmt = format };
	va_list args;

	va_start(args, format);
	what.va = &args;
	printk_deferred("%smage: mage%d: leg %u: %pV\n", level, leg->set->index, leg->number,
			&what);
	va_end(args);
}

static void mage_leg_note(struct mage_leg *leg, const char *why)
{
	strscpy(leg->why, why);
	leg->since_ns = ktime_get_boottime_ns();
}

/**
 * mage_leg_suspend_locked() - a leg does not work for now
 * @leg: the leg, which may be suspended already, or have failed; the lock of the set is held
 * @why: for people
 */
void mage_leg_suspend_locked(struct mage_leg *leg, const char *why)
{
	struct mage_device *dev = &leg->dev;

	lockdep_assert_held(&leg->set->lock);
	if (dev->failed || dev->suspended)
		return;
	WRITE_ONCE(dev->suspended, true);
	leg->suspensions++;
	mage_leg_note(leg, why);
	mage_leg_say(leg, KERN_WARNING, "%s; suspended", why);
	mage_leg_judge(leg);
}

/**
 * mage_leg_resume_locked() - a leg works again
 * @leg: the leg, unless it has failed meanwhile; the lock of the set is held
 */
void mage_leg_resume_locked(struct mage_leg *leg)
{
	struct mage_device *dev = &leg->dev;
	u64 ms;

	lockdep_assert_held(&leg->set->lock);
	if (dev->failed || !dev->suspended)
		return;
	ms = div_u64(ktime_get_boottime_ns() - leg->since_ns, NSEC_PER_MSEC);
	WRITE_ONCE(dev->suspended, false);
	leg->why[0] = '\0';
	mage_leg_say(leg, KERN_INFO, "back after %llu ms, %lu pages are stale", ms,
		     leg->nr_stale);
	mage_leg_judge(leg);
}

static void mage_leg_suspend(struct mage_device *dev, const char *why)
{
	struct mage_leg *leg = mage_leg_of(dev);
	unsigned long flags;

	spin_lock_irqsave(&leg->set->lock, flags);
	mage_leg_suspend_locked(leg, why);
	spin_unlock_irqrestore(&leg->set->lock, flags);
}

static void mage_leg_resume(struct mage_device *dev)
{
	struct mage_leg *leg = mage_leg_of(dev);
	unsigned long flags;

	spin_lock_irqsave(&leg->set->lock, flags);
	mage_leg_resume_locked(leg);
	spin_unlock_irqrestore(&leg->set->lock, flags);
}

static void mage_leg_fail(struct mage_device *dev, const char *why)
{
	struct mage_leg *leg = mage_leg_of(dev);
	unsigned long flags;

	spin_lock_irqsave(&leg->set->lock, flags);
	if (!dev->failed) {
		WRITE_ONCE(dev->failed, true);
		WRITE_ONCE(dev->suspended, false);
		mage_leg_note(leg, why);
		mage_leg_say(leg, KERN_ERR, "%s; it has failed", why);
		mage_leg_judge(leg);
	}
	spin_unlock_irqrestore(&leg->set->lock, flags);
}

const struct mage_device_owner mage_leg_owner = {
	.suspend = mage_leg_suspend,
	.resume = mage_leg_resume,
	.fail = mage_leg_fail,
};
