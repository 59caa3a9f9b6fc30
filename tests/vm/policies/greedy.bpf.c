// SPDX-License-Identifier: GPL-2.0-only
/* Prefetches on and on after its budget is spent: MAGE_EXIT_OVER_BUDGET. */
#include "mage.bpf.h"

void MAGE_OP(greedy_prefetch, struct mage_domain *domain, struct mage_fault *fault)
{
	u32 i;

	mage_for (i, 0, 8000)
		mage_prefetch_address(fault, fault->start + (u64)i * PAGE_SIZE);
}

MAGE_POLICY(greedy, .prefetch = (void *)greedy_prefetch);
