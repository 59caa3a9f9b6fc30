/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: pages that leave their domain.
 */
#ifndef _MM_MAGE_LEAVE_H
#define _MM_MAGE_LEAVE_H

#include <linux/mm_types.h>

struct mage_domain;

bool mage_folio_take(struct folio *folio);
bool mage_folio_give_to_lru(struct mage_domain *domain, struct folio *folio);

#endif /* _MM_MAGE_LEAVE_H */
