// SPDX-License-Identifier: GPL-2.0-only
/*
 * cflru - clean pages before dirty ones, as far as they are old
 *
 * Algorithm:	pages are in order of use. Of the oldest ones, a window, the first clean one
 *		leaves, as it costs no write; if all of these are dirty the oldest does.
 * Source:	S. Park, D. Jung, J. Kang, J. Kim, J. Lee, "CFLRU: A Replacement Algorithm
 *		for Flash Memory", CASES 2006.
 * When:	writes to far memory cost more than reads, by the link or by the wear of the
 *		device, and some data is only read. The larger the window, the fewer writes;
 *		there may be more misses for it.
 * Approximates: with one evictor, one shard and batches of one page it is the algorithm with
 *		a clock for the LRU list, and a window of a fixed share: a page that was used
 *		when the search comes to it goes to the end. Uses before the first look at a
 *		page, which is at the next selection after it arrived, count as its arrival. A
 *		page that was never written to far memory is dirty. The window is at most
 *		`looks` pages, and several shards take turns in it.
 *		More than 1024 local pages are taken in, or looked at, in parts.
 */
#include "arrivals.bpf.h"
#include "prefetch.bpf.h"

enum list {
	QUEUE = ARRIVED + 1,
};

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");
MAGE_TUNABLE(u32, window_percent, 25, 0, 100,
	     "share of the local pages, the oldest, of which clean ones leave first");

static void select_clean(struct mage_domain *domain, struct mage_batch *batch, u64 window,
			 u32 *left)
{
	struct mage_frame *frame;

	if (!window)
		return;
	mage_walk(frame, batch, QUEUE, MAGE_WALK_STAY)
	{
		if (used_again_in(batch, frame, left))
			mage_frame_move(domain, frame, QUEUE, true);
		else if (!mage_frame_dirty(batch, frame))
			mage_batch_add(batch, frame);
		else if (!--window)
			break;
		if (!*left)
			break;
	}
}

void MAGE_OP(cflru_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u32 left = looks, again = looks;

	mage_list_move(batch, ARRIVED, ARRIVALS_MAX, QUEUE, QUEUE);
	select_clean(domain, batch, mage_frames(domain) * window_percent / 100, &left);
	add_unused(batch, QUEUE, MAGE_WALK_BUDGET, QUEUE, &again);
	/* After a round of second chances the first is next. */
	if (!batch->nr)
		add_unused(batch, QUEUE, MAGE_WALK_BUDGET, QUEUE, &again);
}

void MAGE_OP(cflru_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	rescued(domain, frame, outcome, QUEUE);
}

void MAGE_OP(cflru_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, QUEUE, QUEUE);
}

MAGE_POLICY(cflru, MAGE_PREFETCH, .select = (void *)cflru_select, .outcome = (void *)cflru_outcome,
	    .hint = (void *)cflru_hint);
