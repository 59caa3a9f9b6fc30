// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stage "arm".
 *
 * Under the PTE lock the accessed and dirty bits of each victim are cleared, in
 * one atomic step as the processor sets them at any time.  The victim stays
 * mapped and usable; the bits tell commit whether it was used since.
 */
#include <linux/rmap.h>
#include "arm.h"
#include "batch.h"
#include "domain.h"
#include "mapping.h"

/*
 * Whether a page was used.  As in page aging no shootdown follows: only commit
 * needs to be exact.
 */
static bool mage_spare(pte_t *pte)
{
	pte_t old = ptep_get(pte);

	if (!pte_young(old))
		return false;
	do {
	} while (!try_cmpxchg(&pte->pte, &old.pte, pte_mkold(old).pte));
	return true;
}

/*
 * What MADV_FREE has met may be dropped if nobody has written to it since.  The mark
 * stays with a page that may, should it be used and stay; one that was written to is
 * a page as any other.
 */
static void mage_victim_set_lazy(struct mage_victim *victim, u8 marks)
{
	victim->lazy = marks & MAGE_MARK_LAZY && !victim->dirty;
	victim->frame->marks = victim->lazy ? MAGE_MARK_LAZY : 0;
	if (!victim->lazy && marks & MAGE_MARK_SPOILED)
		victim->dirty = true;
}

static u8 mage_arm_pte(struct mage_batch *batch, struct mage_victim *victim,
		       struct mage_mapping *map, pte_t *pte)
{
	struct folio *folio = victim->folio;
	pte_t old = ptep_get(pte), new;

	if (!mage_vma_is_eligible(map->vma) || !PageAnonExclusive(&folio->page) ||
	    folio_mapcount(folio) != 1 || folio_maybe_dma_pinned(folio))
		return MAGE_OUTCOME_EXCLUDED;
	if (pte_young(old) || pte_dirty(old))
		mage_domain_used(batch->domain, victim->frame);
	/* The mapping and the batch; somebody else's reference is in the way. */
	if (folio_ref_count(folio) != 2)
		return MAGE_OUTCOME_RESCUED;
	if (batch->spare_young && mage_spare(pte))
		return MAGE_OUTCOME_SPARED;
	do {
		new = pte_mkold(pte_mkclean(old));
	} while (!try_cmpxchg(&pte->pte, &old.pte, new.pte));

	victim->dirty = pte_dirty(old);
	if (folio_test_dirty(folio)) {
		folio_clear_dirty(folio);
		victim->dirty = true;
	}
	mage_victim_set_lazy(victim, victim->frame->marks);
	map->changed = true;
	return MAGE_OUTCOME_PENDING;
}

static void mage_arm_victim(struct mage_batch *batch, struct mage_victim *victim,
			    struct mage_mapping *map)
{
	struct folio *folio = victim->folio;
	pte_t *pte;

	pte = mage_mapping_glance(map, folio);
	if (pte && batch->spare_young && mage_spare(pte)) {
		victim->outcome = MAGE_OUTCOME_SPARED;
		return;
	}
	if (!folio_trylock(folio)) {
		victim->outcome = MAGE_OUTCOME_RESCUED;
		return;
	}
	if (mage_folio_is_eligible(folio)) {
		if (!pte)
			pte = mage_mapping_find(map, folio);
		victim->outcome = pte ? mage_arm_pte(batch, victim, map, pte) : MAGE_OUTCOME_GONE;
	} else {
		victim->outcome = MAGE_OUTCOME_EXCLUDED;
	}
	folio_unlock(folio);
}

/**
 * mage_batch_arm() - clear the accessed and dirty bits of a batch
 * @batch: a batch with victims from its @armed on that are fresh from selection
 */
void mage_batch_arm(struct mage_batch *batch)
{
	struct mage_mapping map = { .batch = batch };
	unsigned int i;

	for (i = batch->armed; i < batch->nr; i++)
		mage_arm_victim(batch, &batch->victim[i], &map);
	mage_mapping_end(&map);
}
