// SPDX-License-Identifier: GPL-2.0-only
/*
 * clockpro - hot and cold pages, told apart by test periods
 *
 * Algorithm:	CLOCK-Pro. A page arrives cold and is on test. If it is used before its
 *		test ends, even if it left meanwhile, it becomes hot. The hot page whose use
 *		is the longest ago becomes cold when there are too many, and tests of pages
 *		used before the one that is next then end. Cold pages leave in turn, those
 *		that were used start again. A use on test makes the share of cold pages
 *		larger by one page, a test that ends without makes it smaller.
 * Source:	S. Jiang, F. Chen, X. Zhang, "CLOCK-Pro: An Effective Improvement of the
 *		CLOCK Replacement", USENIX ATC 2005.
 * When:	scans beside a hot set, and work that changes its character. What LIRS is, with a
 *		share that nobody has to set, and a shorter memory.
 * Approximates: the clock is no list: pages have numbers in the order in which they came to
 *		its head, and pages that left keep them. With one evictor, one shard and
 *		batches of one page it is the algorithm but for this: HAND-hot runs before
 *		a victim is chosen, for all pages that have become hot since; a cold page
 *		that it passes keeps its turn with HAND-cold; and uses of a page before the
 *		first look at it, which is at the next selection after it arrived, count as
 *		its arrival. The share of cold pages is a hundredth at first, and at least.
 *		2^20 numbers are remembered. With several shards the last hot page is that
 *		of one of them.
 *		More than 1024 local pages are taken in, or looked at, in parts.
 *		Tests, and the share of cold pages, are for one cgroup; load it for each.
 */
#include "arrivals.bpf.h"
#include "ghosts.bpf.h"
#include "prefetch.bpf.h"

enum list {
	COLD = ARRIVED + 1,
	HOT,
};

/* Words of a frame: that it arrived to be hot, and its number on the clock, which outlives it. */
enum word {
	IS_HOT,
	NUMBER,
};

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");

/* By their numbers, cold pages that are on test, and which of these left. */
struct ghosts test, far;

/* Local pages that are to be cold, and the least of them. */
s64 cold, cold_least = 1;

static void end_test(u32 number, bool used)
{
	s64 next = cold + (used ? 1 : -1);

	ghosts_take_bit(&far, number);
	cold = next > cold_least ? next : cold_least;
}

/* It comes to the head of the clock. */
static void put(struct mage_domain *domain, struct mage_frame *frame, u32 list)
{
	mage_frame_set_word(domain, frame, NUMBER,
			    list == COLD ? ghosts_add(&test) : ghosts_next(&test));
	mage_frame_move(domain, frame, list, true);
}

void MAGE_OP(clockpro_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	if (why == MAGE_PAGE_IN_TAKEOVER) {
		put(domain, frame, COLD);
		return;
	}
	/* One that was prefetched came back because of a guess. */
	if (!ghost->word || why == MAGE_PAGE_IN_PREFETCH || !ghosts_take(&test, ghost->word))
		return;
	end_test(ghost->word, true);
	mage_frame_set_word(domain, frame, IS_HOT, 1);
}

static void place(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	put(domain, frame, mage_frame_word(domain, frame, IS_HOT) ? HOT : COLD);
}

/* A cold page was used. */
static void use(struct mage_domain *domain, struct mage_frame *frame)
{
	u32 number = mage_frame_word(domain, frame, NUMBER);
	bool hot = ghosts_take(&test, number);

	if (hot)
		end_test(number, true);
	put(domain, frame, hot ? HOT : COLD);
}

/*
 * Ends tests of pages before a number, and of those after while more than so many are on test that
 * left.
 */
static void end_tests(struct mage_domain *domain, u32 before, u64 most)
{
	u32 i;

	mage_for (i, 0, GHOSTS_FORGET_MAX) {
		u32 forgotten = ghosts_forgotten(&test), span = ghosts_span(&test, forgotten);
		u32 up_to = (before - forgotten) & GHOST_NUMBER;

		if (!span || (span < GHOSTS_MAX && far.nr <= most && (up_to <= 1 || up_to > span)))
			break;
		if (ghosts_forget(&test, forgotten))
			end_test((forgotten + 1) & GHOST_NUMBER, false);
	}
}

/* HAND-hot; it ends the tests of what it passes. */
static void shrink_hot(struct mage_domain *domain, struct mage_batch *batch, s64 frames, u32 *left)
{
	s64 nr = mage_list_size(domain, HOT);
	struct mage_frame *frame;

	if (nr <= frames - cold)
		return;
	mage_for_each (frame, batch, HOT) {
		end_tests(domain, mage_frame_word(domain, frame, NUMBER), GHOSTS_MAX);
		if (used_again_in(batch, frame, left)) {
			put(domain, frame, HOT);
		} else {
			/* At the head of the clock, but not on test. */
			mage_frame_set_word(domain, frame, NUMBER, 0);
			mage_frame_move(domain, frame, COLD, true);
			nr--;
		}
		if (nr <= frames - cold)
			break;
	}
}

/* HAND-hot stops at the last hot page; then HAND-test. */
static void shrink_tests(struct mage_domain *domain, struct mage_batch *batch, u64 frames)
{
	u32 last = test.forgotten;
	struct mage_frame *frame;

	mage_walk(frame, batch, HOT, MAGE_WALK_STAY)
	{
		last = mage_frame_word(domain, frame, NUMBER);
		break;
	}
	end_tests(domain, last, frames);
}

/* HAND-cold. */
static void select_cold(struct mage_domain *domain, struct mage_batch *batch, u32 *left)
{
	struct mage_frame *frame;
	u32 number;

	mage_for_each (frame, batch, COLD) {
		if (used_again_in(batch, frame, left)) {
			use(domain, frame);
			continue;
		}
		number = mage_frame_word(domain, frame, NUMBER);
		if (ghosts_have(&test, number))
			ghosts_put_bit(&far, number);
		mage_batch_add(batch, frame);
	}
}

void MAGE_OP(clockpro_select, struct mage_domain *domain, struct mage_batch *batch)
{
	/* Not what mage_frames() says: victims on their way out are neither hot nor cold. */
	s64 frames = mage_list_size(domain, ARRIVED) + mage_list_size(domain, COLD) +
		     mage_list_size(domain, HOT);
	u32 left = looks, i;

	cold_least = (u64)frames / 100 + batch->max;
	cold = cold < cold_least ? cold_least : cold > frames ? frames : cold;
	take_in(domain, batch, place, 0);
	/* After a round of second chances the first is next, be it of one list or the other. */
	mage_for (i, 0, 2) {
		shrink_hot(domain, batch, frames, &left);
		shrink_hot(domain, batch, frames, &left);
		shrink_tests(domain, batch, frames);
		select_cold(domain, batch, &left);
		if (batch->nr)
			break;
	}
}

/* Touched on its way out: used. Whatever came in its way, it has not left. */
void MAGE_OP(clockpro_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	u32 number = mage_frame_word(domain, frame, NUMBER);

	if (outcome == MAGE_OUTCOME_EVICTED || outcome == MAGE_OUTCOME_CLEAN)
		return;
	/* "far" has the numbers of "test". */
	if (ghosts_have(&test, number))
		ghosts_take_bit(&far, number);
	if (outcome == MAGE_OUTCOME_RESCUED)
		use(domain, frame);
}

void MAGE_OP(clockpro_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	if (what == MAGE_HINT_WILLNEED)
		put(domain, frame, HOT);
	else
		mage_frame_move(domain, frame, COLD, false);
}

MAGE_POLICY(clockpro, MAGE_PREFETCH, .page_in = (void *)clockpro_page_in,
	    .select = (void *)clockpro_select, .outcome = (void *)clockpro_outcome,
	    .hint = (void *)clockpro_hint, .flags = MAGE_OPS_GHOST | MAGE_OPS_TAKEOVER);
