// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: reads of a leg that may be given up, though its store never gives them back.
 *
 * A backend with overdue_reads() gives back what is under way.  Others, as that of block devices,
 * may write to a page at any time until they say that they have.  Who waits for such a page could
 * not be sent to another leg: the late one would come over what is there by then.  So pages of
 * the set's own are read in the place of his, and copied to his when they have arrived.  If the
 * leg does not answer he is told to ask again, and the pages wait for it.
 *
 * Without memory for that a page is read as it would be without a set, and is waited for.
 */
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/mage_backend.h>
#include <linux/overflow.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "set_detour.h"
#include "set_stale.h"

/**
 * struct mage_detour - a batch of reads, into other pages
 * @batch: as the leg's backend sees it
 * @of: the batch that it is in the place of
 * @leg: the leg
 * @list: among those of the leg that may be given up; under the lock of those
 * @lock: protects @is_over, @is_given_up and, as long as neither is true, @of; it is held while
 *	@of is told of arrivals, so that they rise.  It is taken with locks of the leg's backend
 *	held, and before the lock of the set
 * @is_over: all have arrived
 * @is_given_up: @of was told of all that had not arrived
 * @users: who posts it, until it is posted; the backend, until the last arrival; who gives it up
 * @nr_pages: elements of @io
 * @io: what is read, with pages of its own
 */
struct mage_detour {
	struct mage_read_batch batch;
	struct mage_read_batch *of;
	struct mage_leg *leg;
	struct list_head list;
	spinlock_t lock;	/* see above */
	bool is_over;
	bool is_given_up;
	refcount_t users;
	unsigned int nr_pages;
	struct mage_io io[] __counted_by(nr_pages);
};

static void mage_detour_put(struct mage_detour *detour)
{
	unsigned int i;

	if (!refcount_dec_and_test(&detour->users))
		return;
	for (i = 0; i < detour->nr_pages; i++)
		if (detour->io[i].page)
			__free_page(detour->io[i].page);
	kfree(detour);
}

/* Under its lock: there is nothing to give up any more. */
static void mage_detour_end(struct mage_detour *detour)
{
	detour->is_over = true;
	spin_lock(&detour->leg->detours_lock);
	list_del_init(&detour->list);
	spin_unlock(&detour->leg->detours_lock);
}

/* Under its lock: pages from @from on, up to @to, are there. */
static void mage_detour_copy(struct mage_detour *detour, unsigned int from, unsigned int to)
{
	for (; from < to; from++) {
		const struct mage_io *io = &detour->io[from];
		struct mage_io *of = &detour->of->io[from];

		of->error = io->error;
		if (!io->error)
			copy_highpage(of->page, io->page);
	}
}

/* What was given up is back. */
static void mage_detour_late(struct mage_detour *detour)
{
	struct mage_set *set = detour->leg->set;
	unsigned long flags;

	spin_lock_irqsave(&set->lock, flags);
	detour->leg->nr_late--;
	/* The leg, and then the set, may be gone after this. */
	spin_unlock_irqrestore(&set->lock, flags);
}

static void mage_detour_arrived(struct mage_read_batch *batch, unsigned int nr)
{
	struct mage_detour *detour = container_of(batch, struct mage_detour, batch);
	bool is_last = nr == batch->nr, is_late;
	unsigned long flags;

	spin_lock_irqsave(&detour->lock, flags);
	is_late = detour->is_given_up;
	/* First: with the last page of @of the leg may be gone. */
	if (is_last)
		mage_detour_end(detour);
	if (!is_late) {
		mage_detour_copy(detour, detour->batch.passed, nr);
		detour->batch.passed = nr;
		/* That many were accepted, of which its submitter need not have heard yet. */
		detour->of->nr = batch->nr;
		detour->of->arrived(detour->of, nr);
	}
	spin_unlock_irqrestore(&detour->lock, flags);
	if (!is_last)
		return;
	if (is_late)
		mage_detour_late(detour);
	mage_detour_put(detour);
}

static struct mage_detour *mage_detour_make(struct mage_leg *leg, struct mage_read_batch *of)
{
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	struct mage_detour *detour = kzalloc(struct_size(detour, io, of->nr), gfp);
	unsigned int i;

	if (!detour)
		return NULL;
	detour->nr_pages = of->nr;
	refcount_set(&detour->users, 1);
	spin_lock_init(&detour->lock);
	INIT_LIST_HEAD(&detour->list);
	detour->leg = leg;
	detour->of = of;
	detour->batch.nr = of->nr;
	detour->batch.io = detour->io;
	detour->batch.arrived = mage_detour_arrived;
	for (i = 0; i < of->nr; i++) {
		detour->io[i].slot = of->io[i].slot;
		detour->io[i].page = alloc_page(gfp);
		if (!detour->io[i].page) {
			mage_detour_put(detour);
			return NULL;
		}
	}
	return detour;
}

/* It may be given up from now on, if it is not over: until then its batch and the leg stay. */
static void mage_detour_posted(struct mage_detour *detour, unsigned int accepted)
{
	struct mage_leg *leg = detour->leg;
	unsigned long flags;

	spin_lock_irqsave(&detour->lock, flags);
	if (!detour->is_over) {
		detour->of->nr = accepted;
		spin_lock(&leg->detours_lock);
		list_add_tail(&detour->list, &leg->detours);
		spin_unlock(&leg->detours_lock);
	}
	spin_unlock_irqrestore(&detour->lock, flags);
}

static noinline unsigned int mage_leg_read_aside(struct mage_leg *leg, unsigned int queue,
						 struct mage_read_batch *batch, bool urgent)
{
	struct mage_device *dev = &leg->dev;
	struct mage_detour *detour = mage_detour_make(leg, batch);
	unsigned int accepted;

	if (!detour)
		return dev->ops->submit_reads(dev, queue, batch, urgent);
	refcount_inc(&detour->users);
	accepted = dev->ops->submit_reads(dev, queue, &detour->batch, urgent);
	if (accepted)
		mage_detour_posted(detour, accepted);
	else
		mage_detour_put(detour);
	mage_detour_put(detour);
	return accepted;
}

/**
 * mage_leg_submit_reads() - submit_reads() of struct mage_backend_ops, of a leg's backend
 * @leg: the leg; a reference to it is held until all have arrived
 * @queue: which queue
 * @batch: the batch
 * @urgent: somebody waits for the pages
 *
 * Return: how many pages were accepted
 */
unsigned int mage_leg_submit_reads(struct mage_leg *leg, unsigned int queue,
				   struct mage_read_batch *batch, bool urgent)
{
	struct mage_device *dev = &leg->dev;

	/* Of an only leg nothing is given up.  What it got before there were more is waited for. */
	if (unlikely(!dev->ops->overdue_reads) && READ_ONCE(leg->column->nr_legs) > 1)
		return mage_leg_read_aside(leg, queue, batch, urgent);
	return dev->ops->submit_reads(dev, queue, batch, urgent);
}

static struct mage_detour *mage_leg_take_detour(struct mage_leg *leg)
{
	struct mage_detour *detour;

	spin_lock_irq(&leg->detours_lock);
	detour = list_first_entry_or_null(&leg->detours, struct mage_detour, list);
	if (detour) {
		list_del_init(&detour->list);
		refcount_inc(&detour->users);
	}
	spin_unlock_irq(&leg->detours_lock);
	return detour;
}

/* Who waits for what has not arrived is to ask again. */
static void mage_detour_give_up(struct mage_detour *detour)
{
	struct mage_read_batch *of = detour->of;
	struct mage_leg *leg = detour->leg;
	unsigned int i;

	spin_lock_irq(&detour->lock);
	if (!detour->is_over) {
		detour->is_given_up = true;
		spin_lock(&leg->set->lock);
		leg->nr_late++;
		spin_unlock(&leg->set->lock);
		for (i = detour->batch.passed; i < of->nr; i++)
			of->io[i].error = -EAGAIN;
		of->arrived(of, of->nr);
	}
	spin_unlock_irq(&detour->lock);
}

/**
 * mage_leg_give_up_reads() - go on without the pages that a leg was to read
 * @leg: the leg, which is not live
 */
void mage_leg_give_up_reads(struct mage_leg *leg)
{
	struct mage_detour *detour;

	while ((detour = mage_leg_take_detour(leg))) {
		mage_detour_give_up(detour);
		mage_detour_put(detour);
	}
}
