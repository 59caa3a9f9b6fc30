// SPDX-License-Identifier: GPL-2.0-only
/* Calls a function that this kernel does not have: the load says which. */
#include "mage.bpf.h"

extern int mage_frame_foresee(struct mage_frame *frame) __ksym;

void MAGE_OP(newer_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, 0)
		if (mage_frame_foresee(frame))
			mage_batch_add(batch, frame);
}

MAGE_POLICY(newer_function, .select = (void *)newer_select);
