// SPDX-License-Identifier: GPL-2.0-only
/* Its depth answers what is out of range: MAGE_EXIT_BAD_NUMBER. */
#include "mage.bpf.h"

u32 MAGE_OP(number_depth_answer, struct mage_domain *domain)
{
	return MAGE_DEPTH_MAX + 1;
}

MAGE_POLICY(number_depth, .depth = (void *)number_depth_answer);
