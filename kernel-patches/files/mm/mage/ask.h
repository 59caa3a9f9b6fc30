/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: pages that somebody beside the limits wants.
 */
#ifndef _MM_MAGE_ASK_H
#define _MM_MAGE_ASK_H

#include "room.h"

struct mage_domain;

/* Pages that one request for reclaim asks a domain for at most. */
#define MAGE_DEMAND_MAX		(16UL * MAGE_BATCH_DEFAULT)

long mage_room_demand(struct mage_domain *domain, unsigned long nr_pages);
void mage_room_demand_on(struct mage_domain *domain, int nid, unsigned long nr_pages);

#endif /* _MM_MAGE_ASK_H */
