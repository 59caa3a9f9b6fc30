// SPDX-License-Identifier: GPL-2.0-only
/* Thinks for ever before it picks: MAGE_EXIT_OVER_BUDGET. */
#include "endless.bpf.h"

void MAGE_OP(dawdle_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	think_for_ever();
	mage_for_each (frame, batch, 0)
		mage_batch_add(batch, frame);
}

MAGE_POLICY(dawdle, .select = (void *)dawdle_select);
