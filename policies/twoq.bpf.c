// SPDX-License-Identifier: GPL-2.0-only
/*
 * twoq - a queue for pages that came once, and a clock for those that came back
 *
 * Algorithm:	2Q, in its full version. Pages that arrive are in a queue, first in, first
 *		out, whatever use is made of them there. What leaves it is remembered for
 *		a while; if it comes back in that time it goes to the main part, which
 *		is in order of use. The queue gives the victim while it has more than its
 *		share of the local pages, else the main part.
 * Source:	T. Johnson, D. Shasha, "2Q: A Low Overhead High Performance Buffer
 *		Management Replacement Algorithm", VLDB 1994.
 * When:	scans beside a hot set, and pages that are used several times in a row and
 *		then no more. Only pages of the main part cost looks at a page table.
 * Approximates: with one evictor, one shard and batches of one page it is the
 *		algorithm with a clock for the LRU list of the main part, where the use
 *		that brought a page in counts as one. It remembers 2^20 pages at most.
 *		What is remembered is for one cgroup; load it for each.
 */
#include "arrivals.bpf.h"
#include "ghosts.bpf.h"
#include "prefetch.bpf.h"

enum list {
	IN = ARRIVED, /* the paper's A1in */
	MAIN, /* Am */
};

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");
MAGE_TUNABLE(u32, in_percent, 25, 1, 90,
	     "share of the local pages that the queue of those that came once may have");
MAGE_TUNABLE(u32, out_percent, 50, 0, 400,
	     "pages remembered that left that queue, in percent of the local pages");

/* A1out. */
struct ghosts out;

void MAGE_OP(twoq_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	/* "In" is for what came once, and leaves it without a look whether it was used. */
	if (why == MAGE_PAGE_IN_TAKEOVER)
		mage_frame_move(domain, frame, MAIN, true);
	/* One that was prefetched came back because of a guess. */
	else if (ghost->word && ghosts_take(&out, ghost->word) && why != MAGE_PAGE_IN_PREFETCH)
		mage_frame_move(domain, frame, MAIN, true);
}

static void select_in(struct mage_domain *domain, struct mage_batch *batch, u64 most)
{
	u64 nr = mage_list_size(domain, IN);
	u32 before = batch->nr;
	struct mage_frame *frame;

	if (nr <= most)
		return;
	mage_batch_add_list(batch, IN, nr - most);
	mage_for_each_victim(frame, batch, before)
		mage_frame_set_word(domain, frame, 1, ghosts_add(&out));
}

/* What leaves here is not remembered. */
static void select_main(struct mage_domain *domain, struct mage_batch *batch, u32 *left)
{
	u32 before = batch->nr;
	struct mage_frame *frame;

	add_unused(batch, MAIN, MAGE_WALK_BUDGET, MAIN, left);
	mage_for_each_victim(frame, batch, before) mage_frame_set_word(domain, frame, 1, 0);
}

void MAGE_OP(twoq_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u64 frames = mage_frames(domain);
	u32 left = looks;

	select_in(domain, batch, frames * in_percent / 100);
	select_main(domain, batch, &left);
	/* After a round of second chances the first is next. */
	if (!batch->nr)
		select_main(domain, batch, &left);
	if (!batch->nr)
		select_in(domain, batch, 0);
	ghosts_trim(domain, &out, frames * out_percent / 100);
}

/* It stays, so it is no ghost; and touched on its way out it as good as came back. */
void MAGE_OP(twoq_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	u32 number = mage_frame_word(domain, frame, 1);

	if (outcome == MAGE_OUTCOME_EVICTED || outcome == MAGE_OUTCOME_CLEAN)
		return;
	if (number)
		ghosts_take(&out, number);
	rescued(domain, frame, outcome, MAIN);
}

void MAGE_OP(twoq_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, MAIN, IN);
}

MAGE_POLICY(twoq, MAGE_PREFETCH, .page_in = (void *)twoq_page_in, .select = (void *)twoq_select,
	    .outcome = (void *)twoq_outcome, .hint = (void *)twoq_hint,
	    .flags = MAGE_OPS_GHOST | MAGE_OPS_TAKEOVER);
