// SPDX-License-Identifier: GPL-2.0-only
/* Uses a function that this kernel does not have, only where there is one: it loads. */
#include "mage.bpf.h"

extern int mage_frame_foresee(struct mage_frame *frame) __ksym __weak;

void MAGE_OP(optional_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, 0) {
		if (!bpf_ksym_exists(mage_frame_foresee) || mage_frame_foresee(frame))
			mage_batch_add(batch, frame);
	}
}

MAGE_POLICY(newer_optional, .select = (void *)optional_select);
