/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the page table entry of a victim.
 */
#ifndef _MM_MAGE_MAPPING_H
#define _MM_MAGE_MAPPING_H

#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/spinlock.h>

struct anon_vma;
struct mage_batch;

/**
 * struct mage_mapping - the page table entry looked at last, and what keeps it
 * @batch: whose shootdown covers the changes
 * @try_lock: do not sleep for an anon_vma
 * @vain: areas that searches may look at in vain; NULL for any number
 * @contended: the last search gave up, as the anon_vma is locked by somebody else, or
 *	@vain is used up
 * @anon_vma: locked for reading by mage_mapping_find(), or NULL
 * @vma: area of the last page found
 * @address: where that is mapped
 * @ptes: the page table, locked, or NULL
 * @ptl: its lock
 * @table_mm: whose page table it is
 * @table: the address that it begins at
 * @looks: entries looked at since it was locked
 * @near: its entry for the first page of @vma that it maps
 * @near_address: that page's address
 * @near_index: that page's index in its anon_vma
 * @nr_near: pages of @vma that it maps; 0 if that is not known
 * @used: the page found last was used, and its page table has been locked since; for who
 *	looks for uses
 * @changed: entries were changed so that a shootdown must follow
 * @replaced: entries were replaced by swap entries, or by nothing, this many
 * @dropped: of @replaced, those that were replaced by nothing
 */
struct mage_mapping {
	struct mage_batch *batch;
	bool try_lock;
	bool contended;
	u32 *vain;
	struct anon_vma *anon_vma;
	struct vm_area_struct *vma;
	unsigned long address;
	pte_t *ptes;
	spinlock_t *ptl;	/* of @ptes */
	struct mm_struct *table_mm;
	unsigned long table;
	unsigned int looks;
	pte_t *near;
	unsigned long near_address;
	pgoff_t near_index;
	unsigned long nr_near;
	bool used;
	bool changed;
	long replaced;
	long dropped;
};

/**
 * mage_vma_is_eligible() - whether pages of an area can be evicted while mapped
 * @vma: the area, locked in some way
 *
 * Return: false if something holds on to its pages, or may
 */
static inline bool mage_vma_is_eligible(const struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_LOCKED | VM_PFNMAP | VM_MIXEDMAP | VM_SHADOW_STACK | VM_DROPPABLE))
		return false;
	return !mm_has_notifiers(vma->vm_mm);
}

pte_t *mage_mapping_glance(struct mage_mapping *map, struct folio *folio);
pte_t *mage_mapping_find(struct mage_mapping *map, struct folio *folio);
void mage_mapping_rest(struct mage_mapping *map);
void mage_mapping_end(struct mage_mapping *map);

#endif /* _MM_MAGE_MAPPING_H */
