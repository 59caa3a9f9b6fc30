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

/* Arrivals that one selection takes in. */
#define ARRIVALS_MAX 1024

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

#endif /* _ARRIVALS_BPF_H */
