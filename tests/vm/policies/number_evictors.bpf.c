// SPDX-License-Identifier: GPL-2.0-only
/* Its evictors answers what is out of range: MAGE_EXIT_BAD_NUMBER. */
#include "mage.bpf.h"

u32 MAGE_OP(number_evictors_answer, struct mage_domain *domain)
{
	return MAGE_EVICTORS_MAX + 1;
}

MAGE_POLICY(number_evictors, .evictors = (void *)number_evictors_answer);
