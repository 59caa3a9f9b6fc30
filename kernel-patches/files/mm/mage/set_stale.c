// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what the legs of a set have, and have not.
 *
 * A stale bit is set under the lock of the set,
 *   - for a leg that a write leaves out, before the write is posted to others;
 *   - for a leg to which a write has failed that another leg has, before the batch is done;
 *   - for a leg whose page could not be read, or was not what was written, if another has it;
 *   - for a leg that joins, where something was ever written.
 * Who sets it in a window where pages are copied to the leg says so in @missed in the same hold.
 * It is cleared under the lock,
 *   - when the leg has acknowledged a write to the slot (set_write.c);
 *   - when a copy was acknowledged, and nobody has set it since the window was opened
 *     (set_resync.c).
 *
 * Who reads looks without the lock.  He has the slot by a swap entry, which was set after the
 * last write to it was done, so the bits that this write has set are seen.  As long as he has
 * it nothing is written there, so a leg on which it is not stale does not become an old copy
 * under his hands.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "set_stale.h"

/**
 * mage_set_kick() - there may be pages to copy
 * @set: the set; any context
 *
 * The work waits for far stores and for room there; nothing that makes memory waits for it, so
 * it needs no thread in reserve.
 */
void mage_set_kick(struct mage_set *set)
{
	queue_work(system_unbound_wq, &set->resync);
}

/**
 * mage_leg_set_stale() - a leg does not have what a slot should hold
 * @leg: the leg; the lock of the set is held
 * @slot: slot of the column
 */
void mage_leg_set_stale(struct mage_leg *leg, pgoff_t slot)
{
	struct mage_set *set = leg->set;

	lockdep_assert_held(&set->lock);
	/* Whatever the reason, and the state of the leg: a copy that is under way is no good. */
	if (mage_leg_is_filled(leg, slot))
		__set_bit(slot - set->window, set->missed);
	if (!test_and_set_bit(slot, leg->stale) && !leg->nr_stale++)
		mage_device_changed(set->dev);
	/* One that does not work is filled when it does. */
	if (leg->live)
		mage_set_kick(set);
}

/**
 * mage_leg_clear_stale() - a leg has what a slot should hold
 * @leg: the leg; the lock of the set is held
 * @slot: slot of the column
 */
void mage_leg_clear_stale(struct mage_leg *leg, pgoff_t slot)
{
	lockdep_assert_held(&leg->set->lock);
	if (!test_bit(slot, leg->stale))
		return;
	clear_bit(slot, leg->stale);
	if (!--leg->nr_stale)
		mage_device_changed(leg->set->dev);
}

/**
 * mage_leg_is_spare() - whether a leg counts no more, or not yet: what it has does not
 * @leg: the leg; the lock of the set is held
 */
bool mage_leg_is_spare(const struct mage_leg *leg)
{
	return leg->dev.failed || leg->joining || leg->leaving;
}

/**
 * mage_leg_may_have() - whether a page can be read from a leg, now or when it is back
 * @leg: the leg; the lock of the set is held
 * @slot: slot of the column
 */
bool mage_leg_may_have(const struct mage_leg *leg, pgoff_t slot)
{
	return !mage_leg_is_spare(leg) && !test_bit(slot, leg->stale);
}

/**
 * mage_column_others_have() - whether a leg can do without a page, for there is another copy
 * @column: the column; the lock of the set is held
 * @leg: the leg
 * @slot: slot of the column
 * @later: also one that has to be waited for
 */
bool mage_column_others_have(const struct mage_column *column, const struct mage_leg *leg,
			     pgoff_t slot, bool later)
{
	struct mage_leg *other;

	mage_for_each_leg(column, other)
		if (other != leg && mage_leg_may_have(other, slot) && (later || other->live))
			return true;
	return false;
}

/**
 * mage_leg_doubt() - a page is not to be had from a leg
 * @leg: the leg, which is, or was, one of its column
 * @slot: slot of the column
 * @sure: another copy is better also if it has to be waited for; else a bit that has flipped on
 *	the way would have it waited for, or lost
 *
 * If there is another copy it counts as stale here, and will be written anew from there; if not,
 * this is what there is.  Any context.
 *
 * Return: whether there is one
 */
bool mage_leg_doubt(struct mage_leg *leg, pgoff_t slot, bool sure)
{
	struct mage_set *set = leg->set;
	unsigned long flags;
	bool others;

	spin_lock_irqsave(&set->lock, flags);
	others = mage_column_others_have(leg->column, leg, slot, sure || leg->dev.failed);
	if (others && !leg->dev.failed)
		mage_leg_set_stale(leg, slot);
	spin_unlock_irqrestore(&set->lock, flags);
	return others;
}

/**
 * mage_column_look() - whether a page can be read
 * @set: the set
 * @column: its column
 * @slot: slot of the column
 *
 * Under the lock, as "lost" is final: a leg may get a copy while that which it is copied from
 * fails.
 *
 * Return: 0; -EAGAIN if a leg that has it may come back; -EIO if no leg has it
 */
int mage_column_look(struct mage_set *set, const struct mage_column *column, pgoff_t slot)
{
	struct mage_leg *leg;
	unsigned long flags;
	int err = -EIO;

	spin_lock_irqsave(&set->lock, flags);
	mage_for_each_leg(column, leg) {
		/*
		 * A copy may be under way to it, also if it is the last one that there is, or be
		 * there, and the leg suspended since.
		 */
		if (!mage_leg_is_spare(leg) && mage_leg_is_filled(leg, slot) &&
		    test_bit(slot, leg->stale))
			err = -EAGAIN;
		if (!mage_leg_may_have(leg, slot))
			continue;
		err = leg->live ? 0 : -EAGAIN;
		if (!err)
			break;
	}
	spin_unlock_irqrestore(&set->lock, flags);
	return err;
}
