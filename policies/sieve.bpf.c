// SPDX-License-Identifier: GPL-2.0-only
/*
 * sieve - a queue in which survivors keep their places
 *
 * Algorithm:	a hand goes along the queue from the oldest page to the newest.  A
 *		page that was used since the hand last passed stays where it is, one
 *		that was not leaves.  After the newest the hand begins again.
 * Source:	Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, R. Vinayak, "SIEVE is
 *		Simpler than LRU: an Efficient Turn-Key Eviction Algorithm for Web
 *		Caches", NSDI 2024.
 * When:	a hot set among many pages that are used once.  Not for loops over
 *		more than there is room for, nor for hot sets that move.
 * Approximates: with one evictor, one shard and batches of one page it is the
 *		algorithm, but that uses of a page before the first look at it, which
 *		is at the next selection after it arrived, count as its arrival.
 *		Several shards have a hand each.  A page that is touched while it is
 *		on its way out becomes the newest.
 *		More than 1024 local pages are taken in, or looked at, in parts.
 */
#include "arrivals.bpf.h"
#include "prefetch.bpf.h"

enum list {
	QUEUE = ARRIVED + 1,
};

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");

static void select_from_hand(struct mage_batch *batch, u32 *left)
{
	u32 flags = MAGE_WALK_STAY | MAGE_WALK_RESUME;
	struct mage_frame *frame;

	*left -= mage_batch_add_unused(batch, QUEUE, *left, QUEUE, flags | MAGE_PASS_AGAIN);
	if (*left)
		return;
	mage_walk(frame, batch, QUEUE, flags) mage_batch_add(batch, frame);
}

void MAGE_OP(sieve_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u32 left = looks;

	mage_list_move(batch, ARRIVED, ARRIVALS_MAX, QUEUE, QUEUE);
	select_from_hand(batch, &left);
	/* All were used: the first one that the hand passed is next. */
	if (!batch->nr)
		select_from_hand(batch, &left);
}

void MAGE_OP(sieve_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, QUEUE, QUEUE);
}

MAGE_POLICY(sieve, MAGE_PREFETCH, .select = (void *)sieve_select, .hint = (void *)sieve_hint);
