/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Victims as stock Linux without MGLRU chooses them, for the policies of systems that
 * leave that to it.
 *
 * A page arrives on the inactive list, or on the active one if it comes back before as
 * many pages were evicted as are active. When the inactive list is short, pages from the
 * head of the active one go to its tail, used or not, and lose their accessed bit. A
 * page that was used when its turn comes on the inactive list stays, and becomes active
 * when that happens a second time.
 *
 * Approximates: the inactive list is short as in Linux, when it is shorter than the active
 * one divided by the square root of ten times their size in GiB. Linux looks at more and
 * more pages of each list until it has enough; here so many for each victim wanted are
 * looked at, and then what comes next goes. Refault distances do not count activations.
 * Pages that a thread evicts itself are not remembered.
 */
#ifndef _ACTIVE_INACTIVE_BPF_H
#define _ACTIVE_INACTIVE_BPF_H

#include "mage.bpf.h"

enum active_inactive_list {
	INACTIVE,
	ACTIVE,
};

/* Pages that are looked at for each victim wanted. */
#define ACTIVE_INACTIVE_LOOKS 8

#define PAGES_PER_GIB_SHIFT (30 - PAGE_SHIFT)

void MAGE_OP(active_inactive_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	if (ghost->distance != MAGE_NO_DISTANCE &&
	    ghost->distance <= mage_list_size(domain, ACTIVE))
		mage_frame_move(domain, frame, ACTIVE, true);
}

static bool inactive_is_low(struct mage_domain *domain)
{
	u64 inactive = mage_list_size(domain, INACTIVE), active = mage_list_size(domain, ACTIVE);
	u64 gib = (inactive + active) >> PAGES_PER_GIB_SHIFT;
	u64 ratio = 1;
	u32 root;

	mage_for (root, 2, 256) {
		if ((u64)root * root > 10 * gib)
			break;
		ratio = root;
	}
	return inactive * ratio < active;
}

static void deactivate(struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;
	u32 nr = 0;

	mage_for_each (frame, batch, ACTIVE) {
		mage_frame_accessed(batch, frame);
		mage_frame_set_word(domain, frame, 0, 0);
		mage_frame_move(domain, frame, INACTIVE, true);
		if (++nr >= batch->max)
			break;
	}
}

static void shrink_inactive(struct mage_domain *domain, struct mage_batch *batch)
{
	u32 looks = ACTIVE_INACTIVE_LOOKS * batch->max;
	struct mage_frame *frame;

	mage_for_each (frame, batch, INACTIVE) {
		if (looks) {
			looks--;
			if (mage_frame_accessed(batch, frame)) {
				/* Word 0 says that it was used before. */
				if (mage_frame_word(domain, frame, 0))
					mage_frame_move(domain, frame, ACTIVE, true);
				mage_frame_set_word(domain, frame, 0, 1);
				continue;
			}
		}
		mage_batch_add(batch, frame);
	}
}

void MAGE_OP(active_inactive_select, struct mage_domain *domain, struct mage_batch *batch)
{
	if (inactive_is_low(domain))
		deactivate(domain, batch);
	shrink_inactive(domain, batch);
	/* Walks of a full batch are empty. */
	deactivate(domain, batch);
	shrink_inactive(domain, batch);
}

#define ACTIVE_INACTIVE                                                                       \
	.page_in = (void *)active_inactive_page_in, .select = (void *)active_inactive_select, \
	.flags = MAGE_OPS_GHOST

#endif /* _ACTIVE_INACTIVE_BPF_H */
