// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the page table entry of a victim, and the locks that keep it.
 *
 * Arm and commit find it by the reverse mapping.  Victims that follow each other
 * often lie in the same area or even the same page table, so a look-up starts where
 * the one before ended, and what is due once for all changes in a page table is done
 * once.
 */
#include <linux/rmap.h>
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
	map->used = false;
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
 * May sleep unless @map->try_lock is set, or the folio's anon_vma is that of the
 * search before.  The lock of the anon_vma keeps the areas and their page tables
 * there, as in try_to_unmap(): who changes an area's bounds takes it for writing, and
 * so does the end of a process, before it frees page tables.  No other lock of
 * the address space is needed, and none of its users has to be there.
 *
 * Return: the entry, its page table locked, with @map->vma and @map->address
 * set; NULL if the folio is not mapped by a small entry, or @map->contended was
 * set as its anon_vma is locked, or too much was looked at in vain
 */
pte_t *mage_mapping_find(struct mage_mapping *map, struct folio *folio)
{
	struct anon_vma_chain *avc;
	pte_t *pte;

	map->contended = false;
	if (!folio_mapped(folio))
		return NULL;
	/* The folio is locked and mapped: its anon_vma is the one it names. */
	if (map->anon_vma != folio_anon_vma(folio)) {
		struct rmap_walk_control how = { .try_lock = map->try_lock };

		mage_mapping_put_anon_vma(map);
		map->anon_vma = folio_lock_anon_vma_read(folio, &how);
		map->contended = how.contended;
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
		if (!map->vain)
			continue;
		map->contended = !*map->vain;
		if (map->contended)
			break;
		--*map->vain;
	}
	return NULL;
}

/**
 * mage_mapping_rest() - let go of the page table before the next look
 * @map: whose last look has taken as long as many
 */
void mage_mapping_rest(struct mage_mapping *map)
{
	map->looks = MAGE_MAPPING_HOLD;
}

/**
 * mage_mapping_end() - let go of everything
 * @map: after a series of mage_mapping_find()
 */
void mage_mapping_end(struct mage_mapping *map)
{
	mage_mapping_put_anon_vma(map);
}
