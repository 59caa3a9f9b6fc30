/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: pages that somebody beside the limits wants.
 */
#ifndef _MM_MAGE_ASK_H
#define _MM_MAGE_ASK_H

struct mage_domain;

long mage_room_demand(struct mage_domain *domain, unsigned long nr_pages);

#endif /* _MM_MAGE_ASK_H */
