// SPDX-License-Identifier: GPL-2.0-only
/* Thinks for ever about each page that leaves: MAGE_EXIT_OVER_BUDGET. */
#include "endless.bpf.h"

void MAGE_OP(regret_page_out, struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	think_for_ever();
}

MAGE_POLICY(regret, .page_out = (void *)regret_page_out);
