// SPDX-License-Identifier: GPL-2.0-only
/*
 * A good policy that in each tick looks at the pages that an application has called cold, as far as
 * it may, and counts them. The test reads the counts.
 */
#include "mage.bpf.h"

#define COLD 1

u64 ticks, seen, used, unseen;

void MAGE_OP(crowd_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	if (what == MAGE_HINT_COLD)
		mage_frame_move(domain, frame, COLD, true);
}

void MAGE_OP(crowd_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	struct mage_frame *frame;
	u64 nr = 0;

	mage_walk(frame, scan, COLD, MAGE_WALK_STAY)
	{
		if (mage_frame_accessed(scan, frame))
			used++;
		nr++;
	}
	seen = nr;
	unseen = mage_list_size(domain, COLD) - nr;
	ticks++;
}

MAGE_POLICY(crowd, .hint = (void *)crowd_hint, .tick = (void *)crowd_tick,
	    .flags = MAGE_OPS_IDLE_TICK);
