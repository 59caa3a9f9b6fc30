// SPDX-License-Identifier: GPL-2.0-only
/* Ejects itself at its first selection: MAGE_EXIT_SELF. */
#include "mage.bpf.h"

void MAGE_OP(giveup_select, struct mage_domain *domain, struct mage_batch *batch)
{
	mage_policy_error(domain, "this is more than I can do");
}

MAGE_POLICY(giveup, .select = (void *)giveup_select);
