// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what page tables say of a page that is no victim yet.
 *
 * For callbacks, which run in an RCU read-side section: what cannot be told without
 * waiting is not told.
 */
#include <linux/rmap.h>
#include "../internal.h"
#include "look.h"
#include "batch.h"
#include "domain.h"
#include "mapping.h"

/* Better spare the page than wait. */
static void mage_look_fails(struct mage_look *look)
{
	look->young = true;
	look->dirty = true;
	look->unknown = true;
}

static unsigned int mage_look_at(struct mage_look *look, struct folio *folio,
				 struct vm_area_struct *vma)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, vma_address(vma, folio_pgoff(folio), 1), 0);
	unsigned int seen = 0;

	while (page_vma_mapped_walk(&pvmw)) {
		if (!pvmw.pte)
			continue;
		look->dirty |= pte_dirty(ptep_get(pvmw.pte));
		if (look->clear_young && ptep_test_and_clear_young(vma, pvmw.address, pvmw.pte))
			look->young = true;
		seen++;
	}
	return seen;
}

/*
 * Looks at the page table entries of a locked folio.  Unlike rmap_walk() it
 * neither waits nor reschedules, as it runs in an RCU read-side section.  After a fork
 * the reverse mapping may name as many mappings as there are processes, of which one has
 * the page, or all: each but the first is paid for, as that is with the frame.
 */
static void mage_folio_look(struct folio *folio, struct mage_look *look)
{
	struct rmap_walk_control rwc = { .try_lock = true };
	struct anon_vma *anon_vma = folio_lock_anon_vma_read(folio, &rwc);
	int left = folio_mapcount(folio);
	bool first = true;
	pgoff_t pgoff = folio_pgoff(folio);
	struct anon_vma_chain *avc;

	if (!anon_vma) {
		/* Locked by a fork, say. */
		if (rwc.contended)
			mage_look_fails(look);
		return;
	}
	anon_vma_interval_tree_foreach(avc, &anon_vma->rb_root, pgoff, pgoff) {
		if (left <= 0)
			break;
		if (!first && !look->budget) {
			mage_look_fails(look);
			break;
		}
		look->budget -= !first;
		first = false;
		left -= mage_look_at(look, folio, avc->vma);
	}
	anon_vma_unlock_read(anon_vma);
}

/**
 * mage_look_by_rmap() - look at the page table entries of a frame's page
 * @batch: the batch of the callback that does
 * @frame: the frame
 * @look: what is to be done, and what is found
 *
 * Return: false if the page is not the domain's any more
 */
bool mage_look_by_rmap(struct mage_batch *batch, struct mage_frame *frame,
		       struct mage_look *look)
{
	struct mage_domain *domain = batch->domain;
	u64 owner = READ_ONCE(frame->owner);
	struct folio *folio;
	bool ours;

	if (owner >> MAGE_OWNER_ID_SHIFT != domain->shards.id)
		return false;
	folio = pfn_folio(owner & MAGE_OWNER_PFN_MASK);
	if (!folio_try_get(folio))
		return false;
	/* Now that it cannot be freed: it may have been, and be another's. */
	ours = READ_ONCE(frame->owner) == owner;
	if (ours && folio_trylock(folio)) {
		if (mage_folio_is_eligible(folio)) {
			look->dirty = folio_test_dirty(folio);
			look->budget = batch->walk_budget;
			mage_folio_look(folio, look);
			batch->walk_budget = look->budget;
		} else {
			mage_look_fails(look);
		}
		folio_unlock(folio);
	} else {
		mage_look_fails(look);
	}
	/* The last put of an anonymous page does not sleep, as we may not. */
	folio_put(folio);
	return ours;
}

/**
 * mage_look_and_clear() - the same, and forget that the page was used
 * @batch: the batch of the callback that does
 * @frame: the frame
 * @look: filled
 *
 * Return: false if the page is not the domain's any more
 */
bool mage_look_and_clear(struct mage_batch *batch, struct mage_frame *frame,
			 struct mage_look *look)
{
	*look = (struct mage_look){ .clear_young = true };
	if (!mage_look_by_rmap(batch, frame, look))
		return false;
	if (look->young && !look->unknown)
		mage_domain_used(batch->domain, frame);
	return true;
}

/* Of a page that is mapped more than once. */
static bool mage_frame_take_all_young(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_look look;

	return mage_look_and_clear(batch, frame, &look) && look.young;
}

static bool mage_pte_take_young(struct mage_batch *batch, struct mage_frame *frame,
				struct mage_mapping *map, pte_t *pte)
{
	if (!pte_young(ptep_get(pte)))
		return false;
	ptep_test_and_clear_young(map->vma, map->address, pte);
	map->used = true;
	mage_domain_used(batch->domain, frame);
	return true;
}

/* Finds the entry of a locked page that is mapped once, and keeps the locks. */
static bool mage_folio_take_young(struct mage_batch *batch, struct mage_frame *frame,
				  struct mage_mapping *map, struct folio *folio)
{
	pte_t *pte = mage_mapping_find(map, folio);

	return pte ? mage_pte_take_young(batch, frame, map, pte) : map->contended;
}

/**
 * mage_frame_take_young_near() - whether a page was used, and forget that it was
 * @batch: the batch of the callback that asks
 * @frame: the frame
 * @map: where the look before ended; with try_lock, and the walk budget as what may be
 *	looked at in vain
 *
 * In a row of such looks most find their entry beside that of the one before, under the
 * same locks.  Then nothing else is locked: while the table is, a page that is mapped in
 * it is not freed, and its owner, read after that was seen, says whose it is.
 *
 * Return: true also if it cannot be told; then @map->used is not set
 */
bool mage_frame_take_young_near(struct mage_batch *batch, struct mage_frame *frame,
				struct mage_mapping *map)
{
	u64 owner = READ_ONCE(frame->owner);
	struct folio *folio = mage_owner_folio(owner);
	bool young = true;
	pte_t *pte;

	map->used = false;
	if (owner >> MAGE_OWNER_ID_SHIFT != batch->domain->shards.id)
		return false;
	pte = mage_mapping_glance(map, folio);
	if (pte && folio_mapcount(folio) == 1 && mage_folio_is_eligible(folio) &&
	    !folio_test_locked(folio) && READ_ONCE(frame->owner) == owner)
		return mage_pte_take_young(batch, frame, map, pte);
	if (!folio_try_get(folio))
		return false;
	if (READ_ONCE(frame->owner) != owner) {
		young = false;
	} else if (folio_mapcount(folio) != 1) {
		/* That takes the locks of all its mappings. */
		mage_mapping_end(map);
		young = mage_frame_take_all_young(batch, frame);
	} else if (folio_trylock(folio)) {
		if (mage_folio_is_eligible(folio))
			young = mage_folio_take_young(batch, frame, map, folio);
		folio_unlock(folio);
	}
	/* The last put of an anonymous page does not sleep, nor mind these locks. */
	folio_put(folio);
	return young;
}

/**
 * mage_frame_take_young() - whether a page was used, and forget that it was
 * @batch: the batch of the callback that asks
 * @frame: the frame
 *
 * Return: true also if it cannot be told
 */
bool mage_frame_take_young(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_mapping map = {
		.batch = batch,
		.try_lock = true,
		.vain = &batch->walk_budget,
	};
	bool young = mage_frame_take_young_near(batch, frame, &map);

	mage_mapping_end(&map);
	return young;
}

static int mage_folio_ask_mapping(struct mage_batch *batch, struct folio *folio,
				  int (*ask)(struct mage_mapping *map, void *arg), void *arg)
{
	struct mage_mapping map = {
		.batch = batch,
		.try_lock = true,
		.vain = &batch->walk_budget,
	};
	int answer = -ENOENT;

	if (!folio_trylock(folio))
		return -EAGAIN;
	if (mage_folio_is_eligible(folio) && mage_mapping_find(&map, folio))
		answer = ask(&map, arg);
	else if (map.contended)
		answer = -EAGAIN;
	mage_mapping_end(&map);
	folio_unlock(folio);
	return answer;
}

/**
 * mage_frame_ask_mapping() - find a mapping of a frame's page, and ask something about it
 * @batch: the batch of the callback that asks
 * @frame: the frame
 * @ask: is told the mapping, whose page table and anon_vma are locked; may not sleep
 * @arg: for @ask
 *
 * Return: what @ask returns; -ENOENT if the page is not the domain's any more, or mapped
 * nowhere; -EAGAIN if it cannot be told without waiting, or within the budget
 */
int mage_frame_ask_mapping(struct mage_batch *batch, struct mage_frame *frame,
			   int (*ask)(struct mage_mapping *map, void *arg), void *arg)
{
	u64 owner = READ_ONCE(frame->owner);
	struct folio *folio;
	int answer = -ENOENT;

	if (owner >> MAGE_OWNER_ID_SHIFT != batch->domain->shards.id)
		return -ENOENT;
	folio = mage_owner_folio(owner);
	if (!folio_try_get(folio))
		return -ENOENT;
	/* Now that it cannot be freed: it may have been, and be another's. */
	if (READ_ONCE(frame->owner) == owner)
		answer = mage_folio_ask_mapping(batch, folio, ask, arg);
	/* The last put of an anonymous page does not sleep, as we may not. */
	folio_put(folio);
	return answer;
}
