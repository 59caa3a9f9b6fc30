// SPDX-License-Identifier: GPL-2.0-only
/*
 * lfu - least frequently used first, with dynamic aging
 *
 * Algorithm:	a page is worth the number of its uses plus the level of the domain
 *		when it was last used; the page that is worth least leaves, of several
 *		the one that has been worth that for longest, and its worth becomes
 *		the level.  So a page that was used often long ago ages.
 * Source:	M. Arlitt, L. Cherkasova, J. Dilley, R. Friedrich, T. Jin,
 *		"Evaluating Content Management Techniques for Web Proxy Caches", ACM
 *		SIGMETRICS Performance Evaluation Review 27(4), 2000 (LFU-DA).
 * When:	how often a page is used differs much and changes slowly.
 * Approximates: uses are counted by looks at the accessed bit, at most one a look:
 *		when a page comes up to leave, and at some pages taken at random each
 *		tick.  With no looks in ticks (samples=0), one evictor, one shard and
 *		batches of one page it is the algorithm with hits that are counted
 *		late: the page that is worth least comes up, which raises the level to
 *		its worth; if its bit is set it gains one use, goes to the end of its
 *		new worth's queue, and the next one comes up.  Arrival is the first
 *		use; uses before the first look at a page, which is at the next
 *		selection after it arrived, belong to it.  Uses count up to 14.
 *		More than 1024 local pages are taken in, or looked at, in parts.
 */
#include "arrivals.bpf.h"
#include "prefetch.bpf.h"

/* A ring of queues by worth, from the level on. */
#define QUEUES (MAGE_LISTS - 1)
#define USES_MAX (QUEUES - 1)

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");
MAGE_TUNABLE(u32, samples, 512, 0, 4096, "pages looked at in each tick");

/* What the page that left last was worth. */
u64 level;

static u32 queue_of(u64 worth)
{
	return 1 + worth % QUEUES;
}

/* Its uses are in word 0; its worth is told by the queue that it is on. */
static void put(struct mage_domain *domain, struct mage_frame *frame, u64 uses, u64 base)
{
	mage_frame_set_word(domain, frame, 0, uses);
	mage_frame_move(domain, frame, queue_of(base + uses), true);
}

static void raise(struct mage_domain *domain, struct mage_frame *frame, u64 base)
{
	u64 uses = mage_frame_word(domain, frame, 0);

	put(domain, frame, uses < USES_MAX ? uses + 1 : USES_MAX, base);
}

/* The use that brought the page in is counted. */
static void place(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	put(domain, frame, 1, level);
}

void MAGE_OP(lfu_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;
	u32 left = looks, i;

	take_in(domain, batch, place, 0);
	mage_for (i, 0, QUEUES) {
		u64 base = level;

		mage_for_each (frame, batch, queue_of(base)) {
			if (used_again_in(batch, frame, &left))
				raise(domain, frame, base);
			else
				mage_batch_add(batch, frame);
		}
		if (batch->nr >= batch->max)
			break;
		/* Nothing is worth so little; another evictor may have found that, too. */
		__sync_val_compare_and_swap(&level, base, base + 1);
	}
}

/* A page that was used gets what it would if it came up now. */
void MAGE_OP(lfu_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	struct mage_frame *frame;
	u32 left = samples;

	mage_for_each_sample(frame, scan, samples)
	{
		if (mage_frame_list(frame) != ARRIVED && used_again_in(scan, frame, &left))
			raise(domain, frame, level);
	}
}

/* Touched on its way out: used again. */
void MAGE_OP(lfu_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (outcome == MAGE_OUTCOME_RESCUED)
		raise(domain, frame, level);
}

void MAGE_OP(lfu_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	if (what == MAGE_HINT_WILLNEED)
		raise(domain, frame, level);
	else
		mage_frame_move(domain, frame, queue_of(level), false);
}

MAGE_POLICY(lfu, MAGE_PREFETCH, .select = (void *)lfu_select, .tick = (void *)lfu_tick,
	    .outcome = (void *)lfu_outcome, .hint = (void *)lfu_hint);
