// SPDX-License-Identifier: GPL-2.0-only
/*
 * lecar - recency or frequency, as each is found to be wrong
 *
 * Algorithm:	LeCaR. Two experts know a victim each: the page used the longest ago, and that
 *		used least often. Which of them is heard is drawn, by their weights. What one of
 *		them evicted alone is remembered; if it comes back the other one gains weight,
 *		the more the sooner it does.
 * Source:	G. Vietri, L. V. Rodriguez, W. A. Martinez, S. Lyons, J. Liu, R. Rangaswami,
 *		M. Zhao, G. Narasimhan, "Driving Cache Replacement with ML-based LeCaR",
 *		HotStorage 2018.
 * When:	work that changes between phases that are good for LRU and such that are good
 *		for LFU.
 * Approximates: both victims are those of one sample of a few pages at random. A use is noticed
 *		when the page is in a sample. Time is counted in pages evicted, and what is
 *		remembered is what left while as many pages as are local did. Weights are
 *		fractions of 2^16, at least a hundredth.
 */
#include "experts.bpf.h"
#include "prefetch.bpf.h"
#include "sampled.bpf.h"

/* Words of a frame: its last use; its uses and who evicted it, which outlive it. */
enum word {
	LAST,
	USES,
};

#define USES_MASK (BY_FREQUENCY - 1)

/* The paper's discount is 0.005 for as many pages as are local: 2^-7.644. */
#define DISCOUNT_BITS (7644 * (u64)ONE / 1000)

MAGE_TUNABLE(u32, samples, 16, 1, 64, "pages of which each victim is chosen");
MAGE_TUNABLE(u32, learning_percent, 45, 0, 100, "how much there is to be learnt from a mistake");

u64 capacity = 1;

/* 2^-x, between whole numbers along a line. */
static u64 halved(u64 x)
{
	u64 whole = x / ONE, rest = x % ONE;

	return whole > 16 ? 0 : (ONE - rest / 2) >> whole;
}

/* A page came back that an expert evicted so many evictions ago. */
static void learn(bool by_recency, u64 distance)
{
	u64 discounted = halved(distance * DISCOUNT_BITS / capacity);

	regret(by_recency, discounted * learning_percent / 100);
}

void MAGE_OP(lecar_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	u32 word = ghost->word;

	/* One that was prefetched came back because of a guess. */
	if (why == MAGE_PAGE_IN_PREFETCH || ghost->distance > capacity)
		return;
	if (word & (BY_RECENCY | BY_FREQUENCY)) {
		learn(word & BY_RECENCY, ghost->distance);
		mage_frame_set_word(domain, frame, USES, word & USES_MASK);
	}
}

static void use(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	u32 uses = mage_frame_word(domain, frame, USES) & USES_MASK;

	mage_frame_set_word(domain, frame, USES, uses < USES_MASK ? uses + 1 : USES_MASK);
	mage_frame_set_word(domain, frame, LAST, now);
}

/* The use that brought the page in is counted. */
static void place(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	use(domain, frame, now);
	mage_frame_move(domain, frame, KEPT, true);
}

/* False if no victim was found. */
static bool select_one(struct mage_domain *domain, struct mage_batch *batch, u64 now)
{
	struct mage_frame *frame, *oldest = NULL, *rarest = NULL;
	u64 least_last = 0, least_uses = 0, rarest_last = 0;
	bool by_recency = draw_recency();

	mage_for_each_sample(frame, batch, samples)
	{
		u64 last, uses;

		if (mage_frame_list(frame) != KEPT)
			continue;
		if (used_again(batch, frame))
			use(domain, frame, now);
		last = mage_frame_word(domain, frame, LAST);
		uses = mage_frame_word(domain, frame, USES);
		if (!oldest || last < least_last) {
			oldest = frame;
			least_last = last;
		}
		if (!rarest || uses < least_uses || (uses == least_uses && last < rarest_last)) {
			rarest = frame;
			least_uses = uses;
			rarest_last = last;
		}
	}
	if (!oldest || !rarest)
		return false;
	if (oldest != rarest) {
		frame = by_recency ? oldest : rarest;
		mage_frame_set_word(domain, frame, USES,
				    mage_frame_word(domain, frame, USES) |
					    (by_recency ? BY_RECENCY : BY_FREQUENCY));
	} else {
		frame = oldest;
	}
	mage_batch_add(batch, frame);
	return true;
}

void MAGE_OP(lecar_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u64 now = mage_clock(domain);
	u32 wanted, i;

	capacity = mage_frames(domain) ?: 1;
	take_in(domain, batch, place, now);
	select_unneeded(batch);
	wanted = batch->max - batch->nr;
	mage_for (i, 0, wanted) {
		if (!select_one(domain, batch, now))
			break;
	}
	select_kept(batch);
}

/* Nobody's mistake yet. */
void MAGE_OP(lecar_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (outcome == MAGE_OUTCOME_EVICTED || outcome == MAGE_OUTCOME_CLEAN)
		return;
	mage_frame_set_word(domain, frame, USES, mage_frame_word(domain, frame, USES) & USES_MASK);
	if (rescued(domain, frame, outcome, KEPT))
		use(domain, frame, mage_clock(domain));
}

void MAGE_OP(lecar_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, ARRIVED, UNNEEDED);
}

MAGE_POLICY(lecar, MAGE_PREFETCH, .page_in = (void *)lecar_page_in, .select = (void *)lecar_select,
	    .outcome = (void *)lecar_outcome, .hint = (void *)lecar_hint, .flags = MAGE_OPS_GHOST);
