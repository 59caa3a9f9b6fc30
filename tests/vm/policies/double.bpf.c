// SPDX-License-Identifier: GPL-2.0-only
/* Picks each page twice: MAGE_EXIT_DOUBLE_PICK. */
#include "mage.bpf.h"

void MAGE_OP(double_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, 0) {
		mage_batch_add(batch, frame);
		mage_batch_add(batch, frame);
	}
}

MAGE_POLICY(double_pick, .select = (void *)double_select);
