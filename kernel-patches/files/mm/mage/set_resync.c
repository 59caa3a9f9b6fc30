// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: legs of a set get what they have not.
 *
 * One window at a time is open in a set: MAGE_WINDOW slots of a leg, in which pages are copied
 * to it that are stale there.
 *
 *   - It is opened under the lock.  A write that is posted from then on leaves the leg out in
 *     the window.  Whoever makes a slot stale there, that write, one that has failed or a
 *     reader, says so in @missed, also while the leg is suspended.
 *   - Then what was posted before is waited for.  So no write to the leg is under way in the
 *     window, and none that the page that is read could miss a half of: one that has begun
 *     since is in @missed.
 *   - Stale pages are read from a leg that can read them, and written.  Their bits stay set
 *     meanwhile, so nobody reads what may be half written.
 *   - When a copy was acknowledged, and @missed does not have the slot, its bit is cleared, in
 *     one hold of the lock.  A write that comes later is later than the copy.
 *   - The window is closed when nothing of it is under way.  So no late copy comes over a
 *     newer write.
 *
 * If the leg is suspended, or the one that is read from, copies come back as failed, and their
 * slots stay stale.  The mutex is held while a window is open: no leg goes.  So it is not held
 * for a store that does not answer: a copy is given up then, with the pages that it goes through.
 * If it was to be written the leg is left out, before the window is closed, until it is back
 * (set_stall.c).
 */
#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/find.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mage_backend.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "checksum.h"
#include "disk.h"
#include "knobs.h"
#include "set_resync.h"
#include "set_stale.h"
#include "set_stall.h"
#include "set_write.h"

/* Pages that are copied at once. */
#define MAGE_RESYNC_CHUNK	32

/* Between two passes. */
#define MAGE_RESYNC_REST	(HZ / 4)

/* What a leg may not have answered, and still be one to copy from. */
#define MAGE_RESYNC_LATE	8

/* A read that takes as long as that never ends, by all experience. */
#define MAGE_RESYNC_OVERDUE	(30 * HZ)

/* Between two looks at one that takes its time. */
#define MAGE_RESYNC_LOOK	(HZ / 4)

/**
 * struct mage_copies - pages on their way from one leg to another
 * @set: the set; @filling is where to
 * @from: where from
 * @page: to copy through
 * @nr: elements of @io
 * @io: pages that are copied, by slot of the column
 * @reads: how they are read, so many at a time as @from accepts
 * @chain: how they are written
 * @at: which leg it is at
 * @claimed: bit 0: it is over, or was given up, whichever came first
 * @over: the read, or the write, is
 */
struct mage_copies {
	struct mage_set *set;
	struct mage_leg *from;
	struct page *page[MAGE_RESYNC_CHUNK];
	unsigned int nr;
	struct mage_io io[MAGE_RESYNC_CHUNK];
	struct mage_read_batch reads;
	struct mage_io_batch chain;
	struct mage_leg *at;
	unsigned long claimed;
	struct completion over;
};

static void mage_copies_free(struct mage_copies *copies)
{
	unsigned int i;

	for (i = 0; copies && i < MAGE_RESYNC_CHUNK; i++)
		if (copies->page[i])
			__free_page(copies->page[i]);
	kfree(copies);
}

static struct mage_copies *mage_copies_make(struct mage_set *set)
{
	struct mage_copies *copies = kzalloc(sizeof(*copies), GFP_KERNEL);
	unsigned int i;

	if (!copies)
		return NULL;
	copies->set = set;
	init_completion(&copies->over);
	for (i = 0; i < MAGE_RESYNC_CHUNK; i++) {
		copies->page[i] = alloc_page(GFP_KERNEL);
		if (!copies->page[i]) {
			mage_copies_free(copies);
			return NULL;
		}
	}
	return copies;
}

/* How much a leg has that was given up; it says so before it is given up. */
static void mage_leg_add_late(struct mage_leg *leg, int nr)
{
	struct mage_set *set = leg->set;
	unsigned long flags;

	spin_lock_irqsave(&set->lock, flags);
	leg->nr_late += nr;
	/* The leg, and then the set, may be gone after this. */
	spin_unlock_irqrestore(&set->lock, flags);
}

static void mage_copies_over(struct mage_copies *copies)
{
	struct mage_leg *leg = copies->at;

	if (likely(!test_and_set_bit(0, &copies->claimed))) {
		complete(&copies->over);
		return;
	}
	mage_copies_free(copies);
	mage_leg_add_late(leg, -1);
}

static void mage_copies_arrived(struct mage_read_batch *batch, unsigned int nr)
{
	if (nr == batch->nr)
		mage_copies_over(container_of(batch, struct mage_copies, reads));
}

static void mage_copies_written(struct mage_io_batch *chain)
{
	mage_copies_over(container_of(chain, struct mage_copies, chain));
}

static void mage_copies_begin(struct mage_copies *copies, struct mage_leg *leg)
{
	copies->at = leg;
	copies->claimed = 0;
	reinit_completion(&copies->over);
}

/*
 * The set gets others to copy with, and these go when they are back.  What a leg writes late
 * would come over newer pages, so it is left out until then; if it cannot be, for it is the only
 * one left, it is waited for.
 */
static bool mage_copies_give_up(struct mage_copies *copies, bool writes)
{
	struct mage_copies *others = mage_copies_make(copies->set);
	struct mage_leg *leg = copies->at;
	struct mage_set *set = copies->set;

	if (!others)
		return false;
	mage_leg_add_late(leg, 1);
	/* When the set goes nobody writes to it any more. */
	if ((writes && !READ_ONCE(set->stopping) &&
	     !mage_leg_stall(leg, "it does not answer writes", false)) ||
	    test_and_set_bit(0, &copies->claimed)) {
		mage_leg_add_late(leg, -1);
		mage_copies_free(others);
		return false;
	}
	set->copies = others;
	return true;
}

/* False: it was given up, and @copies may be gone. */
static bool mage_copies_await(struct mage_copies *copies, bool writes)
{
	struct mage_device *dev = &copies->at->dev;
	unsigned long begin = jiffies, since = begin;

	while (!wait_for_completion_timeout(&copies->over, MAGE_RESYNC_LOOK)) {
		if (dev->ops->overdue_reads) {
			if (time_after(jiffies, since + MAGE_RESYNC_OVERDUE)) {
				since = jiffies;
				dev->ops->overdue_reads(dev);
			}
		} else if ((READ_ONCE(copies->set->stopping) ||
			    jiffies - begin > mage_leg_patience()) &&
			   mage_copies_give_up(copies, writes)) {
			return false;
		}
	}
	return true;
}

/* As reads that nobody waits for: those of faults come first.  False: it was given up. */
static bool mage_copies_read(struct mage_copies *copies)
{
	struct mage_device *dev = &copies->from->dev;
	unsigned long begin = jiffies;
	unsigned int at = 0, accepted;

	while (at < copies->nr) {
		copies->reads.nr = copies->nr - at;
		copies->reads.io = &copies->io[at];
		copies->reads.arrived = mage_copies_arrived;
		mage_copies_begin(copies, copies->from);
		accepted = dev->ops->submit_reads(dev, raw_smp_processor_id(), &copies->reads,
						  false);
		at += accepted;
		if (accepted && !mage_copies_await(copies, false))
			return false;
		/* There may be no room as others do not come back. */
		if (!accepted && (READ_ONCE(copies->set->stopping) ||
				  jiffies - begin > mage_leg_patience()))
			return false;
		if (!accepted)
			schedule_timeout_uninterruptible(1);
	}
	return true;
}

/* What is not what was written is not copied: it might become all that there is. */
static void mage_copies_verify(struct mage_copies *copies, const struct mage_column *column)
{
	struct mage_disk *disk = container_of(copies->set->dev, struct mage_disk, dev);
	unsigned int i;
	u32 want;

	if (!mage_disk_has_checksums(disk))
		return;
	for (i = 0; i < copies->nr; i++) {
		struct mage_io *io = &copies->io[i];
		pgoff_t slot = mage_set_slot(copies->set, column, io->slot);

		if (!io->error && !mage_checksum_matches(disk, io->page, slot, &want))
			io->error = -EILSEQ;
	}
}

/* What one leg has not got, though it should, may be had from a third one the next time. */
static void mage_copies_doubt(struct mage_copies *copies)
{
	struct mage_set *set = copies->set;
	unsigned int i;

	for (i = 0; i < copies->nr; i++) {
		struct mage_io *io = &copies->io[i];

		/* What was written meanwhile need not be what its checksum is of. */
		if ((io->error == -EIO || io->error == -EILSEQ) &&
		    !test_bit(io->slot - set->window, set->missed))
			mage_leg_doubt(copies->from, io->slot, false);
	}
}

/* Pages that were read go to the leg; others are left out.  False: it was given up. */
static bool mage_copies_write(struct mage_copies *copies)
{
	struct mage_device *dev = &copies->set->filling->dev;
	unsigned int i, nr = 0;

	for (i = 0; i < copies->nr; i++)
		if (!copies->io[i].error)
			copies->io[nr++] = copies->io[i];
	copies->nr = nr;
	if (!nr)
		return true;
	copies->chain.nr = nr;
	copies->chain.io = copies->io;
	copies->chain.done = mage_copies_written;
	mage_copies_begin(copies, copies->set->filling);
	dev->ops->submit_writes(dev, raw_smp_processor_id(), &copies->chain);
	return mage_copies_await(copies, true);
}

/* What was acknowledged, and not written by others meanwhile, is there. */
static unsigned int mage_copies_settle(struct mage_copies *copies)
{
	struct mage_set *set = copies->set;
	struct mage_leg *leg = set->filling;
	unsigned int i, nr = 0;

	spin_lock_irq(&set->lock);
	for (i = 0; i < copies->nr; i++) {
		pgoff_t slot = copies->io[i].slot;

		if (copies->io[i].error || test_bit(slot - set->window, set->missed))
			continue;
		mage_leg_clear_stale(leg, slot);
		nr++;
	}
	leg->copied += nr;
	spin_unlock_irq(&set->lock);
	return nr;
}

/* Under the lock: a leg that a page can be copied from. */
static struct mage_leg *mage_leg_source(const struct mage_leg *leg, pgoff_t slot)
{
	struct mage_leg *other;

	mage_for_each_leg(leg->column, other)
		if (other != leg && mage_leg_can_read(other, slot) &&
		    other->nr_late < MAGE_RESYNC_LATE)
			return other;
	return NULL;
}

/* The next pages of the window, from *@slot on, that are stale and come from the same leg. */
static bool mage_copies_gather(struct mage_copies *copies, pgoff_t *slot, pgoff_t end)
{
	struct mage_set *set = copies->set;
	struct mage_leg *leg = set->filling, *from;

	copies->from = NULL;
	copies->nr = 0;
	spin_lock_irq(&set->lock);
	for (; *slot < end && copies->nr < MAGE_RESYNC_CHUNK; ++*slot) {
		if (!test_bit(*slot, leg->stale) || test_bit(*slot - set->window, set->missed))
			continue;
		from = mage_leg_source(leg, *slot);
		if (!from)
			continue;
		if (copies->nr && from != copies->from)
			break;
		copies->from = from;
		copies->io[copies->nr].page = copies->page[copies->nr];
		copies->io[copies->nr].slot = *slot;
		copies->nr++;
	}
	spin_unlock_irq(&set->lock);
	return copies->nr;
}

/* Opens a window, copies what is stale there, and closes it; how many pages. */
static unsigned int mage_leg_fill(struct mage_leg *leg, pgoff_t window)
{
	pgoff_t slot = window, end = min(window + MAGE_WINDOW, leg->column->nr_slots);
	struct mage_set *set = leg->set;
	/* If it is given up the set has others. */
	struct mage_copies *copies = set->copies;
	unsigned int nr = 0;
	bool goes_on;

	spin_lock_irq(&set->lock);
	bitmap_zero(set->missed, MAGE_WINDOW);
	set->window = window;
	set->filling = leg;
	spin_unlock_irq(&set->lock);

	goes_on = !mage_set_settle(set, false);
	while (goes_on && !READ_ONCE(set->stopping) && READ_ONCE(leg->live) &&
	       mage_copies_gather(copies, &slot, end)) {
		goes_on = mage_copies_read(copies);
		if (!goes_on)
			break;
		mage_copies_verify(copies, leg->column);
		mage_copies_doubt(copies);
		goes_on = mage_copies_write(copies);
		if (!goes_on)
			break;
		nr += mage_copies_settle(copies);
		cond_resched();
	}

	spin_lock_irq(&set->lock);
	set->filling = NULL;
	spin_unlock_irq(&set->lock);
	/* A page that was waited for may be here now, or will not be. */
	mage_device_may_read(set->dev);
	return nr;
}

/* Whether a page that is stale on a leg can be copied from another one. */
static bool mage_leg_can_get(struct mage_set *set, const struct mage_leg *leg, pgoff_t slot)
{
	bool can;

	spin_lock_irq(&set->lock);
	can = test_bit(slot, leg->stale) && mage_leg_source(leg, slot);
	spin_unlock_irq(&set->lock);
	return can;
}

/* Whether something can be copied to a leg, in the mutex; the window is set to where. */
static bool mage_leg_next(struct mage_set *set, const struct mage_leg *leg, pgoff_t *window)
{
	pgoff_t slot = *window, nr = leg->column->nr_slots;

	/* Where nothing can be copied a window would be in the way of writes for nothing. */
	while (READ_ONCE(leg->live) && READ_ONCE(leg->nr_stale) && !READ_ONCE(set->stopping)) {
		slot = find_next_bit(leg->stale, nr, slot);
		if (slot >= nr)
			return false;
		*window = slot - slot % MAGE_WINDOW;
		if (mage_leg_can_get(set, leg, slot++))
			return true;
		cond_resched();
	}
	return false;
}

/* The limit of what is copied a second: of @nr pages, since @begin. */
static void mage_set_rest(struct mage_set *set, unsigned int nr, u64 begin)
{
	u32 mib = READ_ONCE(mage_knobs.resync_mib);
	u64 least, took = ktime_get_ns() - begin;

	if (!mib || !nr)
		return;
	least = div_u64(((u64)nr << PAGE_SHIFT) * NSEC_PER_SEC, mib) >> 20;
	if (took < least)
		wait_event_idle_timeout(set->rests, READ_ONCE(set->stopping),
					nsecs_to_jiffies(least - took));
}

/* One pass through a leg; how many pages were copied. */
static unsigned long mage_leg_pass(struct mage_set *set, struct mage_column *column,
				   unsigned int at)
{
	unsigned long copied = 0;
	unsigned int nr = 0;
	pgoff_t window = 0;
	bool more;

	do {
		u64 begin = ktime_get_ns();
		struct mage_leg *leg;

		/* Between windows it may be gone, and another be in its place. */
		mutex_lock(&set->mutex);
		leg = mage_column_leg(column, at);
		more = leg && mage_leg_next(set, leg, &window);
		if (more)
			nr = mage_leg_fill(leg, window);
		mutex_unlock(&set->mutex);
		if (!more)
			break;
		window += MAGE_WINDOW;
		copied += nr;
		mage_set_rest(set, nr, begin);
	} while (window < column->nr_slots);
	return copied;
}

/*
 * What was left out, or has become stale, in a pass has another; unless nothing can be done.
 * After each there is a rest: writes that a window leaves out ask for the next one, and where a
 * page cannot be read its window would be open all the time.
 */
static void mage_resync_work(struct work_struct *work)
{
	struct mage_set *set = container_of(work, struct mage_set, resync);
	unsigned long copied;
	unsigned int i, k;

	do {
		copied = 0;
		for (i = 0; i < set->nr_columns; i++)
			for (k = 0; k < READ_ONCE(set->columns[i].nr_legs); k++)
				copied += mage_leg_pass(set, &set->columns[i], k);
		wait_event_idle_timeout(set->rests, READ_ONCE(set->stopping), MAGE_RESYNC_REST);
	} while (copied && !READ_ONCE(set->stopping));
}

/**
 * mage_set_init_resync() - make what pages are copied with
 * @set: the set
 *
 * Return: 0 or -ENOMEM
 */
int mage_set_init_resync(struct mage_set *set)
{
	INIT_WORK(&set->resync, mage_resync_work);
	init_waitqueue_head(&set->rests);
	set->copies = mage_copies_make(set);
	return set->copies ? 0 : -ENOMEM;
}

/**
 * mage_set_stop_resync() - copy no more, for good
 * @set: the set
 */
void mage_set_stop_resync(struct mage_set *set)
{
	WRITE_ONCE(set->stopping, true);
	wake_up_all(&set->rests);
	disable_work_sync(&set->resync);
}

/**
 * mage_set_exit_resync() - give it back
 * @set: the set, which was stopped
 */
void mage_set_exit_resync(struct mage_set *set)
{
	mage_copies_free(set->copies);
}
