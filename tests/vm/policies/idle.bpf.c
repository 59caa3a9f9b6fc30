// SPDX-License-Identifier: GPL-2.0-only
/* Never picks anything: MAGE_EXIT_NO_PROGRESS. */
#include "mage.bpf.h"

void MAGE_OP(idle_select, struct mage_domain *domain, struct mage_batch *batch)
{
}

MAGE_POLICY(idle, .select = (void *)idle_select);
