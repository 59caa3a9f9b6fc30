// SPDX-License-Identifier: GPL-2.0-only
/* Thinks for three seconds before it picks: MAGE_EXIT_OVER_BUDGET. */
#include "mage.bpf.h"

u64 end;

static long think(u32 i, void *ctx)
{
	/* 1 ends the loop. */
	return bpf_ktime_get_ns() > end;
}

void MAGE_OP(dawdle_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	end = bpf_ktime_get_ns() + 3000000000ULL;
	bpf_loop(8000000, think, NULL, 0);
	mage_for_each (frame, batch, 0)
		mage_batch_add(batch, frame);
}

MAGE_POLICY(dawdle, .select = (void *)dawdle_select);
