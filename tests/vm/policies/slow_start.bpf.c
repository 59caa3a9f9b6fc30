// SPDX-License-Identifier: GPL-2.0-only
/* Its init takes six seconds: MAGE_EXIT_TOO_LONG, and it is refused. */
#include "mage.bpf.h"

u64 end;

static long think(u32 i, void *ctx)
{
	return bpf_ktime_get_ns() > end;
}

s32 MAGE_OP_SLEEPABLE(slow_start_init, struct mage_domain *domain)
{
	int i;

	end = bpf_ktime_get_ns() + 6000000000ULL;
	bpf_for (i, 0, 1000)
		bpf_loop(8000000, think, NULL, 0);
	return 0;
}

MAGE_POLICY(slow_start, .init = (void *)slow_start_init);
