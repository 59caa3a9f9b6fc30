// SPDX-License-Identifier: GPL-2.0-only
/* Goes on with passes when it has looked at all it may: MAGE_EXIT_OVER_BUDGET. */
#include "mage.bpf.h"

void MAGE_OP(hasty_select, struct mage_domain *domain, struct mage_batch *batch)
{
	mage_repeat (4000)
		mage_list_move(batch, 0, MAGE_WALK_BUDGET, 0, 0);
}

MAGE_POLICY(hasty, .select = (void *)hasty_select);
