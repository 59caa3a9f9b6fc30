/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: pages that arrive.
 */
#ifndef _MM_MAGE_ARRIVE_H
#define _MM_MAGE_ARRIVE_H

#include <linux/mage_policy.h>
#include <linux/mm_types.h>

bool mage_folio_enter(struct folio *folio, enum mage_page_in_reason why);

#endif /* _MM_MAGE_ARRIVE_H */
