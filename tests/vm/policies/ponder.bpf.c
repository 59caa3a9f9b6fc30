// SPDX-License-Identifier: GPL-2.0-only
/* Thinks for ever about each page that comes, under its page table's lock: MAGE_EXIT_OVER_BUDGET. */
#include "endless.bpf.h"

void MAGE_OP(ponder_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	think_for_ever();
}

MAGE_POLICY(ponder, .page_in = (void *)ponder_page_in);
