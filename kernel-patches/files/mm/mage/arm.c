// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stage "arm".
 *
 * Under the PTE lock the accessed and dirty bits of each victim are cleared, in
 * one atomic step as the processor sets them at any time.  The victim stays
 * mapped and usable; the bits tell commit whether it was used since.
 *
 * Of a victim that is only cleaned the accessed bit is left as it is: it says nothing of
 * the far copy, and the policy goes by it.
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

/* Built twice, as most batches clean nothing: each victim costs one look less. */
static __always_inline u8 mage_arm_pte(struct mage_batch *batch, struct mage_victim *victim,
				       struct mage_mapping *map, pte_t *pte, const bool cleaning)
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
	if (!cleaning && batch->spare_young && mage_spare(pte))
		return MAGE_OUTCOME_SPARED;
	do {
		new = cleaning ? pte_mkclean(old) : pte_mkold(pte_mkclean(old));
	} while (!try_cmpxchg(&pte->pte, &old.pte, new.pte));

	victim->dirty = pte_dirty(old);
	if (folio_test_dirty(folio)) {
		folio_clear_dirty(folio);
		victim->dirty = true;
	}
	mage_victim_set_lazy(victim, victim->frame->marks);
	if (cleaning)
		victim->frame->marks |= MAGE_MARK_CLEANING;
	map->changed = true;
	return MAGE_OUTCOME_PENDING;
}

static __always_inline void mage_arm_victim(struct mage_batch *batch, struct mage_victim *victim,
					    struct mage_mapping *map, const bool cleaning)
{
	struct folio *folio = victim->folio;
	pte_t *pte;

	pte = mage_mapping_glance(map, folio);
	if (!cleaning && pte && batch->spare_young && mage_spare(pte)) {
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
		victim->outcome = pte ? mage_arm_pte(batch, victim, map, pte, cleaning) :
					MAGE_OUTCOME_GONE;
	} else {
		victim->outcome = MAGE_OUTCOME_EXCLUDED;
	}
	folio_unlock(folio);
}

/* Apart, so that it takes no registers from the usual victims. */
static noinline void mage_arm_to_clean(struct mage_batch *batch, struct mage_victim *victim,
				       struct mage_mapping *map)
{
	mage_arm_victim(batch, victim, map, true);
}

/**
 * mage_batch_arm() - clear the accessed and dirty bits of a batch
 * @batch: a batch with victims from its @armed on that are fresh from selection
 */
void mage_batch_arm(struct mage_batch *batch)
{
	struct mage_mapping map = { .batch = batch };
	unsigned int i;

	for (i = batch->armed; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (unlikely(victim->cleaning))
			mage_arm_to_clean(batch, victim, &map);
		else
			mage_arm_victim(batch, victim, &map, false);
	}
	mage_mapping_end(&map);
}
