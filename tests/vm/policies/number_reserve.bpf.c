// SPDX-License-Identifier: GPL-2.0-only
/*
 * Its reserve answers what is out of range: MAGE_EXIT_BAD_NUMBER. The evictors
 * stay away, so that there is no room soon.
 */
#include "mage.bpf.h"

u32 MAGE_OP(number_reserve_evictors, struct mage_domain *domain)
{
	return 0;
}

u32 MAGE_OP(number_reserve_answer, struct mage_domain *domain, u32 nr)
{
	return MAGE_RESERVE_MAX + 1;
}

MAGE_POLICY(number_reserve, .evictors = (void *)number_reserve_evictors,
	    .reserve = (void *)number_reserve_answer);
