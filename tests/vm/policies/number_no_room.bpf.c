// SPDX-License-Identifier: GPL-2.0-only
/* Its no_room answers what is out of range: MAGE_EXIT_BAD_NUMBER. */
#include "mage.bpf.h"

u32 MAGE_OP(number_no_room_answer, struct mage_domain *domain, u32 nr)
{
	return MAGE_SELF_MAX + 1;
}

MAGE_POLICY(number_no_room, .no_room = (void *)number_no_room_answer);
