// SPDX-License-Identifier: GPL-2.0-only
/*
 * mru - most recently used first
 *
 * Algorithm:	the page that arrived last leaves first; what arrived early stays.
 * Source:	H.-T. Chou, D. J. DeWitt, "An Evaluation of Buffer Management
 *		Strategies for Relational Database Systems", VLDB 1985.
 * When:	loops over more memory than there is room for: of a loop over N pages
 *		with room for C it keeps C, where LRU and FIFO keep none.  Bad at all
 *		else.
 * Approximates: the use that counts is the one that brought the page in, as a hit
 *		causes no fault.  A page that was prefetched is yet to be used, and
 *		waits at the other end.  The order holds within a shard of the domain,
 *		and the shards take turns.
 */
#include "mage.bpf.h"
#include "prefetch.bpf.h"

void MAGE_OP(mru_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	if (why == MAGE_PAGE_IN_PREFETCH)
		mage_frame_move(domain, frame, 0, false);
}

void MAGE_OP(mru_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_walk(frame, batch, 0, MAGE_WALK_TAIL) mage_batch_add(batch, frame);
}

void MAGE_OP(mru_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	mage_frame_move(domain, frame, 0, what != MAGE_HINT_WILLNEED);
}

MAGE_POLICY(mru, MAGE_PREFETCH, .page_in = (void *)mru_page_in, .select = (void *)mru_select,
	    .hint = (void *)mru_hint);
