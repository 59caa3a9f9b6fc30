/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a page was used again: for policies that tell a use from an arrival.
 *
 * The fault that brings a page in sets its accessed bit, which is no use yet.  So
 * pages wait on the list on which they arrive until the next selection takes them
 * in: it takes the bit back, and puts each where the policy wants it.
 */
#ifndef _ARRIVALS_BPF_H
#define _ARRIVALS_BPF_H

#include "mage.bpf.h"

/* The list on which pages arrive; a policy numbers its own from 1. */
#define ARRIVED 0

/*
 * Pages that were there when the policy took over are no arrivals: what their accessed bits tell is
 * a use. So they are not to lose them on that list, and page_in puts them on the one where they
 * are looked at first.
 */

/* Arrivals that one selection takes in. */
#define ARRIVALS_MAX 1024

/* Puts a page that arrived, and whose accessed bit was taken back, where the policy wants it. */
typedef void arrivals_place(struct mage_domain *domain, struct mage_frame *frame, u64 now);

/* Inlined, as a BPF program cannot call what a pointer names. */
static __always_inline void take_in(struct mage_domain *domain, struct mage_batch *batch,
				    arrivals_place *place, u64 now)
{
	struct mage_frame *frame;
	u32 taken = 0;

	mage_for_each (frame, batch, ARRIVED) {
		mage_frame_accessed(batch, frame);
		place(domain, frame, now);
		if (++taken == ARRIVALS_MAX)
			break;
	}
}

/* The first use of a page that was prefetched is its arrival. */
static bool used_again(struct mage_batch *batch, struct mage_frame *frame)
{
	bool unused = mage_frame_prefetched(frame);

	return mage_frame_accessed(batch, frame) && !unused;
}

/* As above, while there are looks left; after that no page was. */
static __always_inline bool used_again_in(struct mage_batch *batch, struct mage_frame *frame,
					  u32 *left)
{
	if (!*left)
		return false;
	--*left;
	return used_again(batch, frame);
}

/*
 * Looks at up to @nr pages from the head of a list: one that was used again goes to the tail of
 * list @to, and one that was not is added, as is whatever comes when there are no looks left.
 * Returns how many it has looked at or added.
 */
static __always_inline u32 add_unused(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 *left)
{
	u32 looks = nr < *left ? nr : *left;
	u32 seen = mage_batch_add_unused(batch, list, looks, to, MAGE_PASS_AGAIN);

	*left -= seen;
	if (!*left)
		seen += mage_batch_add_list(batch, list, nr - seen);
	return seen;
}

/*
 * True for a page that was touched on its way out, which is a use. It came back to the list of
 * arrivals, and goes to the tail of @list instead.
 */
static __always_inline bool rescued(struct mage_domain *domain, struct mage_frame *frame,
				    u32 outcome, u32 list)
{
	if (outcome != MAGE_OUTCOME_RESCUED)
		return false;
	mage_frame_move(domain, frame, list, true);
	return true;
}

/* A page that will be needed goes to the end of one list, one that will not is next on another. */
static __always_inline void follow_hint(struct mage_domain *domain, struct mage_frame *frame,
					u32 what, u32 needed, u32 unneeded)
{
	if (what == MAGE_HINT_WILLNEED)
		mage_frame_move(domain, frame, needed, true);
	else
		mage_frame_move(domain, frame, unneeded, false);
}

#endif /* _ARRIVALS_BPF_H */
