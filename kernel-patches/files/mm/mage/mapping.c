// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the page table entry of a victim, and the locks that keep it.
 *
 * Arm finds a victim's entry by the reverse mapping; commit goes back to it by
 * its address.  Victims that follow each other often lie in the same area or
 * even the same page table, so a look-up starts where the one before ended, and
 * what is due once for all changes in a page table is done once.
 */
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include "../internal.h"
#include "mapping.h"
#include "shoot.h"

/* Entries that are looked at under one hold of a page table lock. */
#define MAGE_MAPPING_HOLD	32

/* Lets go of the page table, after what its changes ask for. */
static void mage_mapping_put_table(struct mage_mapping *map)
{
	struct mm_struct *mm = map->table_mm;

	if (!map->ptes)
		return;
	if (map->changed)
		mage_tlb_add(map->batch, mm);
	if (map->replaced) {
		add_mm_counter(mm, MM_ANONPAGES, -map->replaced);
		add_mm_counter(mm, MM_SWAPENTS, map->replaced - map->dropped);
	}
	map->changed = false;
	map->replaced = 0;
	map->dropped = 0;
	map->nr_near = 0;
	pte_unmap_unlock(map->ptes, map->ptl);
	map->ptes = NULL;
}

/* The entry of @address in the locked page table that it belongs to, or NULL. */
static pte_t *mage_mapping_get_table(struct mage_mapping *map, struct mm_struct *mm,
				     unsigned long address)
{
	unsigned long table = address & PMD_MASK;

	if (map->ptes && (map->table_mm != mm || map->table != table ||
			  ++map->looks >= MAGE_MAPPING_HOLD))
		mage_mapping_put_table(map);
	if (!map->ptes) {
		pmd_t *pmd = mm_find_pmd(mm, address);

		if (!pmd)
			return NULL;
		map->ptes = pte_offset_map_lock(mm, pmd, table, &map->ptl);
		if (!map->ptes)
			return NULL;
		map->table_mm = mm;
		map->table = table;
		map->looks = 0;
	}
	return map->ptes + pte_index(address);
}

static bool mage_pte_maps(pte_t *pte, struct folio *folio)
{
	pte_t value = ptep_get(pte);

	return pte_present(value) && pte_pfn(value) == folio_pfn(folio);
}

/* Notes the part of @vma that the locked page table maps; @pte maps @address in it. */
static void mage_mapping_note_near(struct mage_mapping *map, const struct vm_area_struct *vma,
				   unsigned long address, pte_t *pte)
{
	unsigned long start = max(vma->vm_start, map->table);
	unsigned long end = min(vma->vm_end, map->table + PMD_SIZE);

	map->near = pte - ((address - start) >> PAGE_SHIFT);
	map->near_address = start;
	map->near_index = vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT);
	map->nr_near = (end - start) >> PAGE_SHIFT;
}

/* The entry in @vma that maps @folio, or NULL. */
static pte_t *mage_mapping_look(struct mage_mapping *map, struct vm_area_struct *vma,
				struct folio *folio)
{
	unsigned long address = vma_address(vma, folio->index, 1);
	pte_t *pte;

	if (address == -EFAULT)
		return NULL;
	pte = mage_mapping_get_table(map, vma->vm_mm, address);
	if (!pte || !mage_pte_maps(pte, folio))
		return NULL;
	map->vma = vma;
	map->address = address;
	mage_mapping_note_near(map, vma, address, pte);
	return pte;
}

static void mage_mapping_put_anon_vma(struct mage_mapping *map)
{
	mage_mapping_put_table(map);
	if (map->anon_vma)
		anon_vma_unlock_read(map->anon_vma);
	map->anon_vma = NULL;
	map->vma = NULL;
}

/**
 * mage_mapping_glance() - the entry of a page, if it is near the one before
 * @map: where the search before ended
 * @folio: small folio, which need not be locked
 *
 * The mapping of a folio that is not locked may change.  But the lock of the
 * anon_vma of the search before is still held, so its area is there and does not
 * change its size, and an entry that maps the folio maps it, however it came to.
 *
 * Return: the entry, its page table locked, with @map->address set; NULL if it
 * takes a search
 */
pte_t *mage_mapping_glance(struct mage_mapping *map, struct folio *folio)
{
	unsigned long distance = folio->index - map->near_index;

	if (likely(distance < map->nr_near && map->looks < MAGE_MAPPING_HOLD - 1)) {
		map->looks++;
		map->address = map->near_address + (distance << PAGE_SHIFT);
		return mage_pte_maps(map->near + distance, folio) ? map->near + distance : NULL;
	}
	return map->vma ? mage_mapping_look(map, map->vma, folio) : NULL;
}

/**
 * mage_mapping_find() - the entry of a page by its reverse mapping
 * @map: where the search before ended
 * @folio: locked small anonymous folio
 *
 * May sleep unless the folio's anon_vma is that of the search before.  The lock
 * of the anon_vma keeps the area and its page tables there.
 *
 * Return: the entry, its page table locked, with @map->vma and @map->address
 * set; NULL if the folio is not mapped by a small entry
 */
pte_t *mage_mapping_find(struct mage_mapping *map, struct folio *folio)
{
	struct anon_vma_chain *avc;
	pte_t *pte;

	if (!folio_mapped(folio))
		return NULL;
	/* The folio is locked and mapped: its anon_vma is the one it names. */
	if (map->anon_vma != folio_anon_vma(folio)) {
		mage_mapping_put_anon_vma(map);
		map->anon_vma = folio_lock_anon_vma_read(folio, NULL);
		if (!map->anon_vma)
			return NULL;
	}
	if (map->vma) {
		pte = mage_mapping_look(map, map->vma, folio);
		if (pte)
			return pte;
	}
	anon_vma_interval_tree_foreach(avc, &map->anon_vma->rb_root, folio->index,
				       folio->index) {
		pte = mage_mapping_look(map, avc->vma, folio);
		if (pte)
			return pte;
	}
	return NULL;
}

static void mage_mapping_put_vma(struct mage_mapping *map)
{
	mage_mapping_put_table(map);
	if (map->vma)
		vma_end_read(map->vma);
	map->vma = NULL;
}

static void mage_mapping_put_mm(struct mage_mapping *map)
{
	mage_mapping_put_vma(map);
	/* The last user's exit is not for an evictor to carry out. */
	if (map->mm)
		mmput_async(map->mm);
	map->mm = NULL;
}

/**
 * mage_mapping_reach() - the entry of a page by its address
 * @map: where the look-up before ended
 * @mm: address space, whose structure the caller holds
 * @address: where the page was mapped
 * @folio: the page
 *
 * Does not sleep.  The lock of the area keeps it and its page tables there; an
 * area that somebody is changing counts as gone.
 *
 * Return: the entry, its page table locked, with @map->vma and @map->address
 * set; NULL if the page is not mapped there any more
 */
pte_t *mage_mapping_reach(struct mage_mapping *map, struct mm_struct *mm,
			  unsigned long address, struct folio *folio)
{
	pte_t *pte;

	if (map->mm != mm) {
		mage_mapping_put_mm(map);
		/* Without users its areas go away without their locks. */
		if (!mmget_not_zero(mm))
			return NULL;
		map->mm = mm;
	}
	if (map->vma && (address < map->vma->vm_start || address >= map->vma->vm_end))
		mage_mapping_put_vma(map);
	if (!map->vma) {
		map->vma = lock_vma_under_rcu(mm, address);
		if (!map->vma)
			return NULL;
	}
	pte = mage_mapping_get_table(map, mm, address);
	if (!pte || !mage_pte_maps(pte, folio))
		return NULL;
	map->address = address;
	return pte;
}

/**
 * mage_mapping_end() - let go of everything
 * @map: after a series of mage_mapping_find() or of mage_mapping_reach()
 */
void mage_mapping_end(struct mage_mapping *map)
{
	if (map->anon_vma)
		mage_mapping_put_anon_vma(map);
	else
		mage_mapping_put_mm(map);
}
