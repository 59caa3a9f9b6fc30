// SPDX-License-Identifier: GPL-2.0-only
/* Has pages written and none evicted: MAGE_EXIT_NO_PROGRESS. */
#include "mage.bpf.h"

void MAGE_OP(scrub_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, 0)
		mage_batch_clean(batch, frame, 0);
}

MAGE_POLICY(scrub, .select = (void *)scrub_select);
