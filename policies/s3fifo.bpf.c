// SPDX-License-Identifier: GPL-2.0-only
/*
 * s3fifo - a small queue in front of a large one, and a memory of what left it
 *
 * Algorithm:	pages arrive in a small queue.  One that was used again by the time
 *		it comes to the head moves to the main queue, else it leaves and is
 *		remembered for a while; if it comes back in that time it arrives in
 *		the main queue.  There a page that was used since its last turn goes
 *		to the end again.  The small queue gives the victim while it has its
 *		share of the local pages or more, else the main queue.
 * Source:	J. Yang, Y. Zhang, Z. Qiu, Y. Yue, R. Vinayak, "FIFO Queues are All
 *		You Need for Cache Eviction", SOSP 2023.
 * When:	many pages are used once or twice and then no more, scans among them,
 *		beside a set that is used for long.
 * Approximates: with one evictor, one shard and batches of one page it is the
 *		algorithm with counters of one bit: an accessed bit says that there
 *		was a use, not how many, so one use is enough to move on, and a page
 *		that moves on or goes round starts anew.  The queue is chosen once for
 *		each victim.  Uses before the first look at a page, which is at the
 *		next selection after it arrived, count as its arrival.  A page is
 *		remembered while fewer pages than the ghost queue has places left the
 *		small queue after it, whether or not some of these came back.
 *		More than 1024 local pages are taken in, or looked at, in parts.
 *		What is remembered is for one cgroup; load it for each.
 */
#include "arrivals.bpf.h"
#include "prefetch.bpf.h"

enum list {
	RETURNED = ARRIVED + 1, /* arrived, and remembered */
	SMALL,
	MAIN,
};

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");
MAGE_TUNABLE(u32, small_percent, 10, 1, 90,
	     "share of the local pages that the small queue may have");
MAGE_TUNABLE(u32, ghost_percent, 90, 0, 400,
	     "pages remembered that left the small queue, in percent of the local pages");

/* Pages that left the small queue; in word 1 the number that a page was. */
u32 departed;
/* How many of the last ones are remembered. */
u64 remembered;

void MAGE_OP(s3fifo_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	if (why == MAGE_PAGE_IN_TAKEOVER)
		mage_frame_move(domain, frame, SMALL, true);
	/* One that was prefetched came back because of a guess. */
	else if (why != MAGE_PAGE_IN_PREFETCH && ghost->word && departed - ghost->word < remembered)
		mage_frame_move(domain, frame, RETURNED, true);
}

static void select_small(struct mage_domain *domain, struct mage_batch *batch, u64 least, u32 *left)
{
	u64 small = mage_list_size(domain, SMALL) + mage_list_size(domain, ARRIVED);
	u32 before = batch->nr, seen;
	struct mage_frame *frame;

	if (small < least)
		return;
	seen = add_unused(batch, SMALL, small - least + 1, MAIN, left);
	/* The queue is chosen, whatever share it has when its first victim is found. */
	mage_repeat (small - seen) {
		if (batch->nr > before || !add_unused(batch, SMALL, 1, MAIN, left))
			break;
	}
	mage_for_each_victim(frame, batch, before)
		mage_frame_set_word(domain, frame, 1, __sync_fetch_and_add(&departed, 1) + 1);
}

static void select_main(struct mage_batch *batch, u32 *left)
{
	add_unused(batch, MAIN, MAGE_WALK_BUDGET, MAIN, left);
}

void MAGE_OP(s3fifo_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u64 frames = mage_frames(domain);
	u32 left = looks;

	remembered = frames * ghost_percent / 100;
	mage_list_move(batch, ARRIVED, ARRIVALS_MAX, SMALL, SMALL);
	mage_list_move(batch, RETURNED, ARRIVALS_MAX, MAIN, MAIN);
	select_small(domain, batch, frames * small_percent / 100, &left);
	select_main(batch, &left);
	/* After a round of second chances the first is next, wherever it is. */
	if (!batch->nr)
		select_main(batch, &left);
	if (!batch->nr)
		select_small(domain, batch, 0, &left);
}

/* Used again, and remembered no more. */
void MAGE_OP(s3fifo_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (rescued(domain, frame, outcome, MAIN))
		mage_frame_set_word(domain, frame, 1, 0);
}

void MAGE_OP(s3fifo_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, MAIN, SMALL);
}

MAGE_POLICY(s3fifo, MAGE_PREFETCH, .page_in = (void *)s3fifo_page_in,
	    .select = (void *)s3fifo_select, .outcome = (void *)s3fifo_outcome,
	    .hint = (void *)s3fifo_hint, .flags = MAGE_OPS_GHOST | MAGE_OPS_TAKEOVER);
