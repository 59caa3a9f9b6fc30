// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: reads of a set.
 *
 * A batch goes as it is to a leg that works and has its pages; what the leg cannot serve, for
 * pages are in another column or stale there, is not accepted.  A reader that waits asks for
 * one page, so for him nothing is allocated, copied or cut.
 *
 * A page that does not come is asked for again by who wants it: he is told -EAGAIN, as if the
 * device had been suspended.  So there are never two reads into a page, arrivals keep their
 * order, and nobody has to do it in his place.  Before he is told, the leg is known not to
 * serve the page: it is suspended, has failed, or the page is stale there.  So he ends up at
 * another, or, if there is none, waits for one that may come back (mage_set_look()), or is told
 * that the page is lost.
 */
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/mage_backend.h>
#include <linux/percpu.h>
#include <linux/percpu-refcount.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include "set_detour.h"
#include "set_read.h"
#include "set_stale.h"

/*
 * What a leg could not read.  That of several pages may say little of each: who wants one asks
 * for it by itself.
 */
static noinline void mage_leg_read_failed(struct mage_leg *leg, struct mage_io *io, pgoff_t slot,
					  bool alone)
{
	/* It was suspended, or memory is short here: neither says anything of the page. */
	if (io->error == -EAGAIN || io->error == -ENOMEM)
		return;
	atomic_long_inc(&leg->read_errors);
	/*
	 * One that has failed is never asked again.  What it had may just be on its way to another,
	 * and who asks is told whether it is.
	 */
	if (!alone || READ_ONCE(leg->dev.failed) || mage_leg_doubt(leg, slot, true))
		io->error = -EAGAIN;
}

/* May be called with a lock of the leg's backend held. */
static void mage_leg_reads_arrived(struct mage_read_batch *batch, unsigned int nr)
{
	struct mage_leg *leg = batch->via;
	struct mage_set *set = leg->set;
	/* The batch may be gone when its submitter was told of the last. */
	bool last = nr == batch->nr;
	unsigned int i;

	for (i = batch->passed; i < nr; i++) {
		struct mage_io *io = &batch->io[i];

		if (unlikely(io->error))
			mage_leg_read_failed(leg, io, io->slot, batch->nr == 1);
		if (unlikely(set->nr_columns > 1))
			io->slot = mage_set_slot(set, leg->column, io->slot);
	}
	this_cpu_add(*leg->reads, nr - batch->passed);
	batch->passed = nr;
	/* Who posts it again finds it as it was. */
	if (last)
		batch->arrived = batch->above;
	batch->above(batch, nr);
	if (last)
		percpu_ref_put(&leg->users);
}

/*
 * Slots side by side that are read from the same leg first.  The CPU has its part in which one
 * that is, and slots, too: by the CPU's number alone each queue of it would have one leg only.
 */
#define MAGE_READ_RUN		32

/* A leg that can read the page, with a reference for a batch; that of @from first. */
static struct mage_leg *mage_column_get_reader(const struct mage_column *column, pgoff_t slot,
					       unsigned int from)
{
	struct mage_leg *leg, *found = NULL;
	unsigned int i, at, nr;

	/* Who removes a leg waits for a grace period, and then for the references. */
	rcu_read_lock();
	nr = READ_ONCE(column->nr_legs);
	at = from % nr;
	for (i = 0; i < nr && !found; i++) {
		leg = rcu_dereference(column->legs[at]);
		if (leg && mage_leg_can_read(leg, slot) && percpu_ref_tryget_live(&leg->users))
			found = leg;
		if (++at == nr)
			at = 0;
	}
	rcu_read_unlock();
	return found;
}

/*
 * How many pages of a batch a leg can read: the first it can, or could a moment ago, and nothing
 * is written there meanwhile.  Their slots become its.
 */
static unsigned int mage_leg_readable(struct mage_set *set, const struct mage_leg *leg,
				      struct mage_read_batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		pgoff_t slot = batch->io[i].slot;

		if (mage_set_column(set, &slot) != leg->column ||
		    (i && !mage_leg_can_read(leg, slot)))
			break;
		batch->io[i].slot = slot;
	}
	return i;
}

/* No leg can read the first page; it is final. */
static unsigned int mage_set_refuse_read(struct mage_read_batch *batch, int error)
{
	batch->nr = 1;
	batch->io[0].error = error;
	batch->arrived(batch, 1);
	return 1;
}

/* The batch may be gone when it returns, and the leg, unless the caller has a reference. */
static unsigned int mage_leg_post_reads(struct mage_leg *leg, unsigned int queue,
					struct mage_read_batch *batch, bool urgent)
{
	struct mage_device *dev = &leg->dev;
	unsigned int accepted;

	accepted = mage_leg_submit_reads(leg, queue, batch, urgent);
	while (unlikely(!accepted && urgent)) {
		dev->ops->await_reads(dev, queue);
		accepted = mage_leg_submit_reads(leg, queue, batch, urgent);
	}
	return accepted;
}

/* The pages of a batch that a leg can read are its; 0 if it has no room, and all is as it was. */
static noinline unsigned int mage_leg_read_many(struct mage_leg *leg, unsigned int queue,
						struct mage_read_batch *batch, bool urgent)
{
	struct mage_set *set = leg->set;
	unsigned int nr, accepted, whole = batch->nr;

	nr = mage_leg_readable(set, leg, batch);
	batch->nr = nr;
	percpu_ref_get(&leg->users);
	this_cpu_add(*leg->posted, nr);
	accepted = mage_leg_post_reads(leg, queue, batch, urgent);
	this_cpu_sub(*leg->posted, nr - accepted);
	if (!accepted) {
		batch->nr = whole;
		while (set->nr_columns > 1 && nr--)
			batch->io[nr].slot = mage_set_slot(set, leg->column, batch->io[nr].slot);
	}
	percpu_ref_put(&leg->users);
	return accepted;
}

/**
 * mage_set_submit_reads() - submit_reads() of struct mage_backend_ops
 * @dev: the far device
 * @queue: handed on to the leg; legs are taken in turn by it and by the slot
 * @batch: the batch
 * @urgent: somebody waits for the pages, and may sleep here until the leg has room
 *
 * Return: how many pages were accepted
 */
unsigned int mage_set_submit_reads(struct mage_device *dev, unsigned int queue,
				   struct mage_read_batch *batch, bool urgent)
{
	struct mage_set *set = dev->private;
	pgoff_t slot = batch->io[0].slot;
	struct mage_column *column = mage_set_column(set, &slot);
	unsigned int turn = queue + slot / MAGE_READ_RUN;
	struct mage_leg *leg;
	unsigned int accepted;
	int err;

	while (unlikely(!(leg = mage_column_get_reader(column, slot, turn)))) {
		err = mage_column_look(set, column, slot);
		if (err)
			return mage_set_refuse_read(batch, err);
		/* One has come back meanwhile, or one is just being removed. */
		cpu_relax();
	}
	batch->above = batch->arrived;
	batch->arrived = mage_leg_reads_arrived;
	batch->via = leg;
	batch->via_number = leg->number;
	batch->passed = 0;
	if (likely(batch->nr == 1 && urgent)) {
		batch->io[0].slot = slot;
		this_cpu_inc(*leg->posted);
		return mage_leg_post_reads(leg, queue, batch, true);
	}
	accepted = mage_leg_read_many(leg, queue, batch, urgent);
	if (accepted)
		return accepted;
	batch->arrived = batch->above;
	percpu_ref_put(&leg->users);
	return 0;
}

/**
 * mage_set_look() - look() of struct mage_backend_ops
 * @dev: the far device
 * @slot: page index
 *
 * Return: 0, -EAGAIN or -EIO
 */
int mage_set_look(struct mage_device *dev, pgoff_t slot)
{
	struct mage_set *set = dev->private;
	struct mage_column *column = mage_set_column(set, &slot);
	struct mage_leg *leg;
	bool there = false;

	rcu_read_lock();
	mage_for_each_leg(column, leg)
		there |= mage_leg_can_read(leg, slot);
	rcu_read_unlock();
	return likely(there) ? 0 : mage_column_look(set, column, slot);
}

/**
 * mage_set_blame() - blame() of struct mage_backend_ops
 * @dev: the far device
 * @batch: which has arrived
 * @slot: page index
 * @sure: it came in vain more than once
 *
 * Return: whether there is another copy
 */
bool mage_set_blame(struct mage_device *dev, struct mage_read_batch *batch, pgoff_t slot,
		    bool sure)
{
	struct mage_set *set = dev->private;
	struct mage_column *column = mage_set_column(set, &slot);
	bool others = false;
	struct mage_leg *leg;

	rcu_read_lock();
	mage_for_each_leg(column, leg) {
		if (leg->number != batch->via_number)
			continue;
		atomic_long_inc(&leg->mismatches);
		others = mage_leg_doubt(leg, slot, sure);
	}
	rcu_read_unlock();
	return others;
}
