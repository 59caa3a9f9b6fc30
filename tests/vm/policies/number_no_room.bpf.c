// SPDX-License-Identifier: GPL-2.0-only
/*
 * Its no_room answers what is out of range: MAGE_EXIT_BAD_NUMBER. The evictors
 * stay away, so that there is no room soon.
 */
#include "mage.bpf.h"

u32 MAGE_OP(number_no_room_evictors, struct mage_domain *domain)
{
	return 0;
}

u32 MAGE_OP(number_no_room_answer, struct mage_domain *domain, u32 nr)
{
	return MAGE_SELF_MAX + 1;
}

MAGE_POLICY(number_no_room, .evictors = (void *)number_no_room_evictors,
	    .no_room = (void *)number_no_room_answer);
