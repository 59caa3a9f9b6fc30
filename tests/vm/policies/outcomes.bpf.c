// SPDX-License-Identifier: GPL-2.0-only
/* Counts what becomes of victims, and leaves everything else as it is without a policy. */
#include "mage.bpf.h"

#define OUTCOMES (MAGE_OUTCOME_SPARED + 1)

u64 counts[OUTCOMES];

void MAGE_OP(outcomes_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (outcome < OUTCOMES)
		__sync_fetch_and_add(&counts[outcome], 1);
}

MAGE_POLICY(outcomes, .outcome = (void *)outcomes_outcome);
