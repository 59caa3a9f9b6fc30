// SPDX-License-Identifier: GPL-2.0-only
/* Moves a frame that it has made up: the verifier refuses it. */
#include "mage.bpf.h"

void MAGE_OP(forged_frame_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	struct mage_frame own = {};

	own.owner = ~0ULL;
	mage_frame_move(domain, &own, 1, true);
}

MAGE_POLICY(forged_frame, .page_in = (void *)forged_frame_page_in);
