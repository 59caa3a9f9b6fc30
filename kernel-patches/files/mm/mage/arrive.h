/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: pages that arrive.
 */
#ifndef _MM_MAGE_ARRIVE_H
#define _MM_MAGE_ARRIVE_H

#include <linux/mage_policy.h>
#include <linux/mm_types.h>

struct mage_frame;

bool mage_folio_enter(struct folio *folio, enum mage_page_in_reason why);
void mage_swapin_landed(struct vm_area_struct *vma, unsigned long address,
			struct mage_frame *frame, struct folio *folio, swp_entry_t entry,
			bool used);

#endif /* _MM_MAGE_ARRIVE_H */
