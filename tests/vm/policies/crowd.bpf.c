// SPDX-License-Identifier: GPL-2.0-only
/*
 * A good policy that in each tick looks at all pages, as far as it may, and counts those that it
 * did not get to. The test reads the counts.
 */
#include "mage.bpf.h"

u64 ticks, seen, used;
s64 unseen;

void MAGE_OP(crowd_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	struct mage_frame *frame;
	u64 nr = 0;

	mage_walk(frame, scan, 0, MAGE_WALK_STAY)
	{
		if (mage_frame_accessed(scan, frame))
			used++;
		nr++;
	}
	seen = nr;
	unseen = (s64)(mage_frames(domain) - nr);
	ticks++;
}

MAGE_POLICY(crowd, .tick = (void *)crowd_tick, .flags = MAGE_OPS_IDLE_TICK);
