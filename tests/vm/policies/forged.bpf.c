// SPDX-License-Identifier: GPL-2.0-only
/* Names pages of a fault that it has made up: the verifier refuses it. */
#include "mage.bpf.h"

void MAGE_OP(forged_prefetch, struct mage_domain *domain, struct mage_fault *fault)
{
	struct mage_fault own = {};

	own.end = ~0ULL;
	own.budget = MAGE_PREFETCH_MAX;
	mage_prefetch_address(&own, fault->address + PAGE_SIZE);
}

MAGE_POLICY(forged, .prefetch = (void *)forged_prefetch);
