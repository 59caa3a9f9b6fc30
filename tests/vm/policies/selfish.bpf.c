// SPDX-License-Identifier: GPL-2.0-only
/* Threads that find no room evict for themselves; the evictors stay away. */
#include "mage.bpf.h"

u32 MAGE_OP(selfish_evictors, struct mage_domain *domain)
{
	return 0;
}

u32 MAGE_OP(selfish_no_room, struct mage_domain *domain, u32 nr)
{
	return 64;
}

MAGE_POLICY(selfish, .evictors = (void *)selfish_evictors, .no_room = (void *)selfish_no_room);
