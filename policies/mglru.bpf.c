// SPDX-License-Identifier: GPL-2.0-only
/*
 * mglru - generations, and tiers within them
 *
 * Algorithm:	there are up to four generations, the oldest of which gives the victims.  A
 *		page that is faulted in belongs to the youngest, one that is prefetched to
 *		the oldest but one.  Aging opens a new generation when too few pages are
 *		left in old ones, and brings pages of older generations that were used into
 *		it.  Pages of a generation are in four tiers, by how often they came back
 *		from far memory.  A tier whose pages come back at a higher rate than those of
 *		the first is spared: its pages go to the next generation instead.
 * Source:	Yu Zhao's multi-gen LRU of Linux 6.12, mm/vmscan.c.
 * When:	working sets that change slowly, scans beside them.
 * Approximates: Linux' aging walks page tables, this one the lists, so many pages a tick,
 *		until it has been round; where it meets one that was used it looks around it,
 *		which in Linux eviction does, and here if it is told to.  Its tiers count
 *		accesses through file descriptors, which anonymous pages do not have; here
 *		refaults take their place.
 */
#include "mage.bpf.h"
#include "prefetch.bpf.h"

enum {
	GENERATIONS = 4,
	GENERATIONS_LEAST = 2,
	TIERS = 4,
	REFAULTS_MAX = 255,
	RATES_LEAST = 64, /* refaults that make a rate */
};

MAGE_TUNABLE(bool, around, true, 0, 1, "whether aging looks at neighbours of pages that were used");
MAGE_TUNABLE(bool, around_victims, false, 0, 1, "whether eviction does, too, as that of Linux");
MAGE_TUNABLE(u32, looks, 8192, 0, 8192, "pages that each tick looks at to age them");

/* The oldest and the youngest generation; 0 is the first ever. */
u64 oldest, youngest = GENERATIONS_LEAST - 1;
/* The generation that aging still brings used pages to; 0 for none. */
u64 aging;
/* What it looks at now: a tier of a generation, of which so many pages are left. */
u64 cursor_generation, cursor_left;
u32 cursor_tier;
/* By tier: pages evicted or spared, and pages that came back; halved with each generation. */
u64 gone[TIERS], back[TIERS];

static u32 mglru_list(u64 generation, u32 tier)
{
	return generation % GENERATIONS * TIERS + tier;
}

/*
 * Where looks around take pages: each to its tier of a generation. Those that are of this one have
 * their own number there, and are left alone.
 */
static u64 mglru_around(u64 generation)
{
	u64 first = generation % GENERATIONS * TIERS;

	return 0x1111111111111111 * first + 0x3210321032103210;
}

static u32 mglru_tier(u32 refaults)
{
	return refaults < 2 ? refaults : refaults < 4 ? 2 : 3;
}

/* The verifier is to see that the number of a tier is one, wherever it comes from. */
static u64 *mglru_counter(u64 *counters, u32 tier)
{
	barrier_var(tier);
	return &counters[tier & (TIERS - 1)];
}

/* A frame's tier stays when it changes generations. */
static void mglru_promote(struct mage_domain *domain, struct mage_frame *frame, u64 generation)
{
	mage_frame_move(domain, frame,
			mglru_list(generation, mglru_tier(mage_frame_word(domain, frame, 1))),
			true);
}

static u64 mglru_generation_size(struct mage_domain *domain, u64 generation)
{
	u64 size = 0;
	u32 tier;

	mage_for (tier, 0, TIERS)
		size += mage_list_size(domain, mglru_list(generation, tier));
	return size;
}

/* Word 1 counts refaults, and its low half survives an eviction. */
void MAGE_OP(mglru_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	u32 refaults = ghost->word & REFAULTS_MAX;

	if (ghost->distance != MAGE_NO_DISTANCE) {
		__sync_fetch_and_add(mglru_counter(back, mglru_tier(refaults)), 1);
		if (refaults < REFAULTS_MAX)
			refaults++;
		mage_frame_set_word(domain, frame, 1, refaults);
	}
	mglru_promote(domain, frame, why == MAGE_PAGE_IN_PREFETCH ? oldest + 1 : youngest);
}

/* Whether pages of a tier come back at a higher rate than those of the first, with a margin. */
static bool mglru_spares(u32 tier)
{
	u64 came_back = *mglru_counter(back, tier), went = *mglru_counter(gone, tier);

	return tier && came_back >= RATES_LEAST &&
	       came_back * (gone[0] + RATES_LEAST) * 2 > (back[0] + 1) * went * 3;
}

/* Opens a generation, if the place that it needs is empty. */
static void mglru_open(void)
{
	if (youngest - oldest + 1 >= GENERATIONS)
		return;
	youngest++;
	aging = youngest;
	cursor_generation = oldest;
	cursor_tier = 0;
	cursor_left = 0;
}

/* The oldest generation is empty. */
static void mglru_close(void)
{
	u32 tier;

	mage_for (tier, 0, TIERS) {
		*mglru_counter(gone, tier) /= 2;
		*mglru_counter(back, tier) /= 2;
	}
	oldest++;
}

/* Selections race here; one generation more or less is no harm, a wrong order of them is. */
static void mglru_next(void)
{
	if (youngest - oldest < GENERATIONS_LEAST)
		mglru_open();
	if (youngest - oldest >= 1)
		mglru_close();
}

/*
 * Pages that a tier of a generation gives, to the batch or to the next generation. Those that were
 * used go to the youngest.
 */
static u64 mglru_evict_tier(struct mage_domain *domain, struct mage_batch *batch, u64 generation,
			    u32 tier)
{
	u32 list = mglru_list(generation, tier), young = mglru_list(youngest, tier);
	u32 next = mglru_list(generation + 1, tier), before = batch->nr;

	if (mage_waiting(domain))
		mage_batch_add_list(batch, list, batch->max);
	else if (mglru_spares(tier))
		return mage_list_move(batch, list, MAGE_WALK_BUDGET, next, young);
	else if (around_victims)
		mage_batch_add_unused_around(batch, list, MAGE_WALK_BUDGET, mglru_around(youngest),
					     0);
	else
		mage_batch_add_unused(batch, list, MAGE_WALK_BUDGET, young, 0);
	return batch->nr - before;
}

static void mglru_evict(struct mage_domain *domain, struct mage_batch *batch, u64 generation)
{
	u32 tier;

	mage_for (tier, 0, TIERS)
		__sync_fetch_and_add(mglru_counter(gone, tier),
				     mglru_evict_tier(domain, batch, generation, tier));
}

void MAGE_OP(mglru_select, struct mage_domain *domain, struct mage_batch *batch)
{
	mage_repeat (GENERATIONS) {
		u64 generation = oldest;

		mglru_evict(domain, batch, generation);
		if (mglru_generation_size(domain, generation))
			break;
		if (generation == oldest)
			mglru_next();
	}
}

/* A victim that stays was used. */
void MAGE_OP(mglru_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (outcome == MAGE_OUTCOME_RESCUED || outcome == MAGE_OUTCOME_WRITE_FAILED)
		mglru_promote(domain, frame, youngest);
}

/* Too much is young, or too little old, for the next to be found there. */
static bool mglru_should_age(struct mage_domain *domain, u64 frames)
{
	u64 young = mglru_generation_size(domain, youngest);
	u64 old = mglru_generation_size(domain, oldest);

	if (youngest - oldest < GENERATIONS_LEAST)
		return true;
	return young * GENERATIONS_LEAST > frames || old * (GENERATIONS_LEAST + 2) < frames;
}

/* Brings a page that was used to the generation that aging fills; what that took of the budget. */
static u32 mglru_look(struct mage_domain *domain, struct mage_batch *scan, struct mage_frame *frame)
{
	u32 took = around ? mage_frame_look_around(scan, frame, mglru_around(aging)) :
			    mage_frame_accessed(scan, frame);

	if (!took)
		return 1;
	mglru_promote(domain, frame, aging);
	return took;
}

/*
 * Looks at pages of the tier at the cursor, and brings those that were used to the generation that
 * aging fills. A tier that has been begun is gone on with in the next tick, from the hand of its
 * list, until as many pages were seen as it had.
 */
static u32 mglru_age(struct mage_domain *domain, struct mage_batch *scan, u32 left)
{
	u32 list = mglru_list(cursor_generation, cursor_tier);
	u64 here = cursor_left ?: mage_list_size(domain, list);
	struct mage_frame *frame;

	cursor_left = 0;
	if (!here)
		return left;
	mage_walk(frame, scan, list, MAGE_WALK_STAY | MAGE_WALK_RESUME)
	{
		u32 took = mglru_look(domain, scan, frame);

		here--;
		left -= took < left ? took : left;
		if (!here || !left) {
			cursor_left = here;
			break;
		}
	}
	return left;
}

/* The next tier, and of the next generation after the last one. */
static void mglru_advance(void)
{
	if (cursor_generation < oldest) {
		cursor_generation = oldest;
		cursor_tier = 0;
	} else if (++cursor_tier == TIERS) {
		cursor_generation++;
		cursor_tier = 0;
	}
	cursor_left = 0;
}

void MAGE_OP(mglru_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	u32 left = looks, i;

	if (!aging && mglru_should_age(domain, rates->frames))
		mglru_open();
	/* The oldest first, as they are next to go. */
	mage_for (i, 0, GENERATIONS * TIERS) {
		if (!aging || !left)
			break;
		if (cursor_generation >= oldest) {
			left = mglru_age(domain, scan, left);
			if (cursor_left)
				break;
		}
		mglru_advance();
		if (cursor_generation >= aging)
			aging = 0;
	}
}

MAGE_POLICY(mglru, .page_in = (void *)mglru_page_in, .select = (void *)mglru_select,
	    .outcome = (void *)mglru_outcome, .tick = (void *)mglru_tick, MAGE_PREFETCH,
	    .flags = MAGE_OPS_GHOST);
