// SPDX-License-Identifier: GPL-2.0-only
/*
 * lruk - the page whose use before the last is the longest ago leaves
 *
 * Algorithm:	LRU-K with K = 2. Of each page its last two uses are known. The victim is the
 *		one whose use before the last is the longest ago; those that have none come
 *		first, by their last use. Uses in a short time after each other are one, and in
 *		that time a page does not leave. Of pages that left the last use is
 *		remembered for a while.
 * Source:	E. J. O'Neil, P. E. O'Neil, G. Weikum, "The LRU-K Page Replacement Algorithm
 *		For Database Disk Buffering", SIGMOD 1993.
 * When:	pages of an index among those of the data, each kind used at a rate of its own.
 * Approximates: the victim is the one of a few pages taken at random, as an order by the use
 *		before the last is none that a list can have. A use is noticed when the page is
 *		in a sample. Time is counted in pages evicted, up to 2^31, and both times are
 *		shares of the local pages.
 */
#include "prefetch.bpf.h"
#include "sampled.bpf.h"

/* Words of a frame: the use before the last, if there is one, and the last, which outlives it. */
enum word {
	BEFORE,
	LAST,
};

#define IS_KNOWN (1ULL << 32)

MAGE_TUNABLE(u32, samples, 16, 1, 64, "pages of which each victim is chosen");
MAGE_TUNABLE(u32, correlated_percent, 5, 0, 100,
	     "time in which uses are one, in which so many of the local pages are evicted");
MAGE_TUNABLE(u32, retained_percent, 300, 0, 10000,
	     "time for which the last use is remembered, in which so many are evicted");

/* The two times, in pages evicted. */
u64 correlated, retained;

void MAGE_OP(lruk_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	/* One that was prefetched came back because of a guess. */
	if (why != MAGE_PAGE_IN_PREFETCH && ghost->distance <= retained)
		mage_frame_set_word(domain, frame, BEFORE, ghost->word | IS_KNOWN);
}

static void place(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	mage_frame_set_word(domain, frame, LAST, (u32)now);
	mage_frame_move(domain, frame, KEPT, true);
}

/* From then to now; another evictor may have noted a use at a later now. */
static u32 since(u32 then, u32 now)
{
	s32 time = now - then;

	return time > 0 ? time : 0;
}

static u32 age(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	return since(mage_frame_word(domain, frame, LAST), now);
}

static void use(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	if (age(domain, frame, now) > correlated)
		mage_frame_set_word(domain, frame, BEFORE,
				    mage_frame_word(domain, frame, LAST) | IS_KNOWN);
	mage_frame_set_word(domain, frame, LAST, (u32)now);
}

static struct worth look(struct mage_domain *domain, struct mage_batch *batch,
			 struct mage_frame *frame, u64 now)
{
	u64 before, last, distance = ~0U;

	if (used_again(batch, frame))
		use(domain, frame, now);
	before = mage_frame_word(domain, frame, BEFORE);
	last = age(domain, frame, now);
	if (before & IS_KNOWN)
		distance = since(before, now);
	/* Rather any other than one that was used just now. */
	if (last < correlated)
		return (struct worth){ ~0ULL - last, 1 };
	return (struct worth){ ~(distance << 32 | last) >> 1, 1 };
}

static void evict(struct mage_domain *domain, struct mage_batch *batch, struct mage_frame *frame,
		  u64 now)
{
	mage_batch_add(batch, frame);
}

void MAGE_OP(lruk_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u64 now = mage_clock(domain), frames = mage_frames(domain);

	correlated = frames * correlated_percent / 100;
	retained = frames * retained_percent / 100;
	take_in(domain, batch, place, now);
	select_unneeded(batch);
	select_sampled(domain, batch, samples, look, evict, now);
}

void MAGE_OP(lruk_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (rescued(domain, frame, outcome, KEPT))
		use(domain, frame, mage_clock(domain));
}

void MAGE_OP(lruk_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, ARRIVED, UNNEEDED);
}

MAGE_POLICY(lruk, MAGE_PREFETCH, .page_in = (void *)lruk_page_in, .select = (void *)lruk_select,
	    .outcome = (void *)lruk_outcome, .hint = (void *)lruk_hint, .flags = MAGE_OPS_GHOST);
