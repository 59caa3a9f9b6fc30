// SPDX-License-Identifier: GPL-2.0-only
/*
 * dilos - one reclaimer that cleans ahead and then reaps
 *
 * Algorithm:	below 10 % of room one evictor takes pages in the order in which they came;
 *		a page that was used gets a second chance.  Pages whose far copy is
 *		valid wait on a list of their own, and are taken first: they leave without
 *		a write.  The cleaner fills it: it writes pages that stay mapped, the next to
 *		go.  One shootdown for 512 pages, which is waited for.  A thread that
 *		finds no room sleeps.
 * Source:	W. Yoon, J. Ok, J. Oh, S. Moon, Y. Kwon, "DiLOS: Do Not Trade Compatibility
 *		for Performance in Memory Disaggregation", EuroSys 2023.
 * When:	a working set that is read more than written; with a prefetcher.
 * Approximates: DiLOS' cleaner runs by itself, at most so far ahead that some pages are
 *		clean.  Here it has a share of each batch, so that as many pages are cleaned
 *		as leave, and none while threads wait.  Pages that were read back and not
 *		written since are found by the tick, which looks at so many each time.
 *		Slices of 32 pages become one batch of 512, the unit of a shootdown and
 *		the most that the kernel takes.  Threads sleep at the limit, not 4 MiB
 *		before it.  The one lock around both lists is mechanism, as are
 *		reads of parts of a page.
 */
#include "mage.bpf.h"
#include "prefetch.bpf.h"

enum list {
	ACTIVE,
	CLEAN,
};

MAGE_TUNABLE(u32, room_percent, 10, 1, 50, "room below which the evictor starts, in percent");
MAGE_TUNABLE(u32, batch, 512, 1, 512, "pages for one shootdown");
MAGE_TUNABLE(u32, ahead, 50, 0, 90, "share of a batch that is written ahead and stays, in percent");
MAGE_TUNABLE(u32, looks, 2048, 0, 8192, "pages that each tick looks at for clean ones");

u64 MAGE_OP(dilos_headroom, struct mage_domain *domain, u64 limit)
{
	return limit / 100 * room_percent;
}

u32 MAGE_OP(dilos_evictors, struct mage_domain *domain)
{
	return 1;
}

u32 MAGE_OP(dilos_depth, struct mage_domain *domain)
{
	return 1;
}

u32 MAGE_OP(dilos_batch_size, struct mage_domain *domain, u32 wanted)
{
	return batch;
}

/* Takes up to @nr pages that are clean still. */
static void reap(struct mage_domain *domain, struct mage_batch *batch, u32 nr)
{
	struct mage_frame *frame;

	if (!nr)
		return;
	mage_for_each (frame, batch, CLEAN) {
		if (mage_frame_look(batch, frame))
			mage_frame_move(domain, frame, ACTIVE, true);
		else if (!mage_batch_add(batch, frame) && !--nr)
			break;
	}
}

/* Has up to @nr pages that were not used written, and takes those along that need not be. */
static void clean(struct mage_domain *domain, struct mage_batch *batch, u32 nr)
{
	struct mage_frame *frame;

	if (!nr)
		return;
	mage_for_each (frame, batch, ACTIVE) {
		u32 bits = mage_frame_look(batch, frame);

		if (bits & MAGE_LOOK_ACCESSED)
			continue;
		if (!bits)
			mage_frame_move(domain, frame, CLEAN, true);
		else if (mage_batch_clean(batch, frame, CLEAN))
			break;
		if (!--nr)
			break;
	}
}

/* Reaps what is clean, cleans what is to go next, and writes what has to go now. */
void MAGE_OP(dilos_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u32 share = batch->max * ahead / 100, reaped;

	/* Who waits can wait neither for pages that stay, nor for second chances. */
	if (mage_waiting(domain)) {
		reap(domain, batch, batch->max);
		mage_batch_add_list(batch, ACTIVE, batch->max);
		return;
	}
	reap(domain, batch, batch->max - share);
	reaped = batch->nr;
	clean(domain, batch, share);
	if (reaped < batch->max - share)
		mage_batch_add_unused(batch, ACTIVE, MAGE_WALK_BUDGET, ACTIVE, 0);
}

/* The cleaner's round. */
void MAGE_OP(dilos_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	struct mage_frame *frame;
	u32 looked = 0;

	mage_walk(frame, scan, ACTIVE, MAGE_WALK_STAY | MAGE_WALK_RESUME)
	{
		if (looked++ >= looks)
			break;
		if (mage_frame_slot(frame) >= 0 && !mage_frame_dirty(scan, frame) &&
		    !mage_frame_accessed(scan, frame))
			mage_frame_move(domain, frame, CLEAN, true);
	}
}

MAGE_POLICY(dilos, .headroom = (void *)dilos_headroom, .evictors = (void *)dilos_evictors,
	    .depth = (void *)dilos_depth, .batch_size = (void *)dilos_batch_size,
	    .select = (void *)dilos_select, .tick = (void *)dilos_tick, MAGE_PREFETCH);
