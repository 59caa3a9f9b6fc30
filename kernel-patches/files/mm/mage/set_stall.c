// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: legs of a set that do not answer, and cannot be made to.
 *
 * A backend with overdue_reads() suspends its session, and all that is under way comes back.
 * Others, as that of block devices, have nothing like it: a device that queues, or has lost a
 * request, has it for as long as it likes.  Where another leg works the set goes on without.
 *
 *   - The leg is suspended.  So no write goes to it any more, and nobody reads from it.
 *   - What it has is given up: writes as if they had failed there, reads to be asked for
 *     elsewhere.  The pages are neither used for anything else nor evicted until they are back.
 *     So a late write puts a page of its owner where nobody looks, and there are no more of
 *     them than were under way.
 *   - When all is back the leg is resumed, and gets what it has missed.  No sooner: a late write
 *     would come over a newer page.
 */
#include <linux/jiffies.h>
#include <linux/mage_backend.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include "knobs.h"
#include "set_detour.h"
#include "set_leg.h"
#include "set_stale.h"
#include "set_stall.h"
#include "set_state.h"
#include "set_write.h"

static bool mage_leg_has_others_locked(struct mage_leg *leg, bool whole)
{
	struct mage_leg *other;
	bool works = false;

	mage_for_each_leg(leg->column, other)
		works |= other != leg && other->live && !(whole && other->nr_stale);
	return works;
}

/**
 * mage_leg_has_others() - whether another leg of the column works
 * @leg: the leg
 * @whole: and has all pages
 */
bool mage_leg_has_others(struct mage_leg *leg, bool whole)
{
	struct mage_set *set = leg->set;
	bool works;

	spin_lock_irq(&set->lock);
	works = mage_leg_has_others_locked(leg, whole);
	spin_unlock_irq(&set->lock);
	return works;
}

/**
 * mage_leg_patience() - jiffies that a leg has to answer
 */
unsigned long mage_leg_patience(void)
{
	unsigned int ms = READ_ONCE(mage_knobs.leg_ms);

	return ms ? msecs_to_jiffies(ms) : MAX_SCHEDULE_TIMEOUT;
}

static void mage_leg_give_up(struct mage_leg *leg)
{
	mage_leg_give_up_writes(leg);
	mage_leg_give_up_reads(leg);
}

/**
 * mage_leg_stall() - go on without a leg that does not answer
 * @leg: the leg
 * @why: for people
 * @whole: others count only if they have all pages: it does answer, but for a request that it
 *	may have lost, and might never be back then
 *
 * Else others need not have all pages: those that only this one has are waited for, as they
 * would be if it was the only one.
 *
 * One hold of the lock, or two of a column might go, each as there is the other.
 *
 * Return: false if there is no other that works, or if the leg is to be told in another way
 */
bool mage_leg_stall(struct mage_leg *leg, const char *why, bool whole)
{
	struct mage_set *set = leg->set;
	bool others;

	if (leg->dev.ops->overdue_reads)
		return false;
	spin_lock_irq(&set->lock);
	others = mage_leg_has_others_locked(leg, whole);
	if (others) {
		mage_leg_suspend_locked(leg, why);
		WRITE_ONCE(leg->stalled, true);
	}
	spin_unlock_irq(&set->lock);
	if (others)
		mage_leg_give_up(leg);
	return others;
}

/**
 * mage_leg_see_to_stall() - look after a leg that was left out
 * @leg: a leg for which mage_leg_stall() was called
 *
 * It is back when all that it had is.
 */
void mage_leg_see_to_stall(struct mage_leg *leg)
{
	struct mage_set *set = leg->set;

	/* What was on its way to it then, or could not be given up for want of memory. */
	mage_leg_give_up(leg);
	/* In one hold of the lock with the look: a copy may be given up just now. */
	spin_lock_irq(&set->lock);
	if (!leg->nr_late && !mage_leg_has_writes(leg) && !mage_leg_is_awaited(leg)) {
		WRITE_ONCE(leg->stalled, false);
		mage_leg_resume_locked(leg);
	}
	spin_unlock_irq(&set->lock);
}
