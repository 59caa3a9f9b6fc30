// SPDX-License-Identifier: GPL-2.0-only
/*
 * hyperbolic - fewest uses for the time that it has been here
 *
 * Algorithm:	a page's worth is the number of its uses divided by the time since it
 *		arrived. Each victim is the one that is worth least of a few pages
 *		taken at random, so nothing is kept in order.
 * Source:	A. Blankstein, S. Sen, M. J. Freedman, "Hyperbolic Caching: Flexible
 *		Caching for Web Applications", USENIX ATC 2017.
 * When:	uses are independent of each other and differ in frequency, as in
 *		key-value stores; new pages get a fair trial, old ones no bonus.
 * Approximates: uses are counted by looks at the accessed bit of the pages in the
 *		samples, at most one a look. Time is counted in pages evicted. The
 *		samples are not exactly uniform, and smaller than the paper's 64: each
 *		page in one costs a look at a page table.
 */
#include "prefetch.bpf.h"
#include "sampled.bpf.h"

/* Words of a frame: the time at which it arrived, and its uses. */
enum word {
	BORN,
	USES
};

MAGE_TUNABLE(u32, samples, 8, 1, 64, "pages of which each victim is the one worth least");

/* The use that brought the page in is counted. */
static void place(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	mage_frame_set_word(domain, frame, BORN, now);
	mage_frame_set_word(domain, frame, USES, 1);
	mage_frame_move(domain, frame, KEPT, true);
}

static struct worth look(struct mage_domain *domain, struct mage_batch *batch,
			 struct mage_frame *frame, u64 now)
{
	u64 uses = mage_frame_word(domain, frame, USES);
	u64 time = now - mage_frame_word(domain, frame, BORN) + 1;

	if (used_again(batch, frame))
		mage_frame_set_word(domain, frame, USES, ++uses);
	return (struct worth){ uses, time };
}

static void evict(struct mage_domain *domain, struct mage_batch *batch, struct mage_frame *frame,
		  u64 now)
{
	mage_batch_add(batch, frame);
}

void MAGE_OP(hyperbolic_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u64 now = mage_clock(domain);

	take_in(domain, batch, place, now);
	select_sampled(domain, batch, samples, look, evict, now);
}

void MAGE_OP(hyperbolic_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (rescued(domain, frame, outcome, KEPT))
		mage_frame_set_word(domain, frame, USES, mage_frame_word(domain, frame, USES) + 1);
}

/* What is not needed is worth nothing; what is needed is as good as new. */
void MAGE_OP(hyperbolic_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	if (what == MAGE_HINT_WILLNEED)
		mage_frame_move(domain, frame, ARRIVED, true);
	else if (mage_frame_list(frame) == KEPT)
		mage_frame_set_word(domain, frame, USES, 0);
}

MAGE_POLICY(hyperbolic, MAGE_PREFETCH, .select = (void *)hyperbolic_select,
	    .outcome = (void *)hyperbolic_outcome, .hint = (void *)hyperbolic_hint);
