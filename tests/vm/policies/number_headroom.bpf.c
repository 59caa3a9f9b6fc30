// SPDX-License-Identifier: GPL-2.0-only
/* Its headroom answers what is out of range: MAGE_EXIT_BAD_NUMBER. */
#include "mage.bpf.h"

u64 MAGE_OP(number_headroom_answer, struct mage_domain *domain, u64 limit)
{
	return limit + 1;
}

MAGE_POLICY(number_headroom, .headroom = (void *)number_headroom_answer);
