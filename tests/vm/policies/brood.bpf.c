// SPDX-License-Identifier: GPL-2.0-only
/* Thinks for ever now and then: MAGE_EXIT_OVER_BUDGET. */
#include "endless.bpf.h"

void MAGE_OP(brood_tick, struct mage_domain *domain)
{
	think_for_ever();
}

MAGE_POLICY(brood, .tick = (void *)brood_tick);
