// SPDX-License-Identifier: GPL-2.0-only
/* Picks a number that is no page at all: MAGE_EXIT_BAD_FRAME. */
#include "mage.bpf.h"

void MAGE_OP(nowhere_select, struct mage_domain *domain, struct mage_batch *batch)
{
	mage_batch_add_id(batch, ~0ULL);
}

MAGE_POLICY(nowhere, .select = (void *)nowhere_select);
