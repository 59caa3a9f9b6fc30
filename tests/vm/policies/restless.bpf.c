// SPDX-License-Identifier: GPL-2.0-only
/* Goes on walking when it has looked at all it may: MAGE_EXIT_OVER_BUDGET. */
#include "mage.bpf.h"

void MAGE_OP(restless_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;
	int i;

	mage_for (i, 0, 4000) {
		mage_for_each (frame, batch, 0)
			;
	}
}

MAGE_POLICY(restless, .select = (void *)restless_select);
