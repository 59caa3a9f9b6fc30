/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Victims that are each the one worth least of a few pages taken at random.
 *
 * Pages are kept on one list in no order, once they were taken in; those that an application does
 * not need are on another.
 */
#ifndef _SAMPLED_BPF_H
#define _SAMPLED_BPF_H

#include "arrivals.bpf.h"

enum list {
	KEPT = ARRIVED + 1,
	UNNEEDED, /* as the application said */
};

/* A fraction, so that nothing is divided. */
struct worth {
	u64 gain;
	u64 cost;
};

/* What a page is worth, a use that is found noted. */
typedef struct worth sampled_look(struct mage_domain *domain, struct mage_batch *batch,
				  struct mage_frame *frame, u64 now);

/* Adds the page to the batch. */
typedef void sampled_evict(struct mage_domain *domain, struct mage_batch *batch,
			   struct mage_frame *frame, u64 now);

/* NULL if none was found. */
static __always_inline struct mage_frame *least_of_sample(struct mage_domain *domain,
							  struct mage_batch *batch, u32 samples,
							  sampled_look *look, u64 now)
{
	struct mage_frame *frame, *least = NULL;
	struct worth least_worth = { 0, 0 };

	mage_for_each_sample(frame, batch, samples)
	{
		struct worth worth;

		if (mage_frame_list(frame) != KEPT)
			continue;
		worth = look(domain, batch, frame, now);
		if (!least || worth.gain * least_worth.cost < least_worth.gain * worth.cost) {
			least = frame;
			least_worth = worth;
		}
	}
	return least;
}

/* What is not needed is next, but for what was used since, which is as good as new. */
static __always_inline void select_unneeded(struct mage_batch *batch)
{
	mage_batch_add_unused(batch, UNNEEDED, MAGE_WALK_BUDGET, ARRIVED, MAGE_PASS_AGAIN);
}

/* For a batch that got no victim: few pages are here, or they are hard to find. */
static __always_inline void select_kept(struct mage_batch *batch)
{
	if (!batch->nr)
		mage_batch_add_unused(batch, KEPT, MAGE_WALK_BUDGET, KEPT, MAGE_PASS_AGAIN);
}

/* Inlined, as a BPF program cannot call what a pointer names. */
static __always_inline void select_sampled(struct mage_domain *domain, struct mage_batch *batch,
					   u32 samples, sampled_look *look, sampled_evict *evict,
					   u64 now)
{
	u32 wanted = batch->max - batch->nr, i;

	mage_for (i, 0, wanted) {
		struct mage_frame *least = least_of_sample(domain, batch, samples, look, now);

		if (!least)
			break;
		evict(domain, batch, least, now);
	}
	select_kept(batch);
}

#endif /* _SAMPLED_BPF_H */
