// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stage "arm".
 *
 * Under the PTE lock the accessed and dirty bits of each victim are cleared, in
 * one atomic step as the processor sets them at any time.  The victim stays
 * mapped and usable; the bits tell commit whether it was used since.
 */
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include "../internal.h"
#include "internal.h"

bool mage_vma_is_eligible(const struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_LOCKED | VM_PFNMAP | VM_MIXEDMAP | VM_SHADOW_STACK | VM_DROPPABLE))
		return false;
	return !mm_has_notifiers(vma->vm_mm);
}

/**
 * struct mage_arm - what the rmap walk carries
 * @batch: the batch
 * @victim: one of its victims
 */
struct mage_arm {
	struct mage_batch *batch;
	struct mage_victim *victim;
};

static void mage_arm_pte(struct mage_arm *arm, struct vm_area_struct *vma,
			 struct page_vma_mapped_walk *pvmw)
{
	struct mage_victim *victim = arm->victim;
	struct folio *folio = victim->folio;
	pte_t old = ptep_get(pvmw->pte), new;

	if (!pte_present(old) || !mage_vma_is_eligible(vma) || !PageAnonExclusive(&folio->page) ||
	    folio_mapcount(folio) != 1 || folio_maybe_dma_pinned(folio)) {
		victim->outcome = MAGE_OUTCOME_EXCLUDED;
		return;
	}
	/* The mapping and the batch; somebody else's reference is in the way. */
	if (folio_ref_count(folio) != 2) {
		victim->outcome = MAGE_OUTCOME_RESCUED;
		return;
	}
	do {
		new = pte_mkold(pte_mkclean(old));
	} while (!try_cmpxchg(&pvmw->pte->pte, &old.pte, new.pte));

	victim->dirty = pte_dirty(old) || victim->frame->spoiled;
	victim->frame->spoiled = false;
	if (folio_test_dirty(folio)) {
		folio_clear_dirty(folio);
		victim->dirty = true;
	}
	victim->outcome = MAGE_OUTCOME_PENDING;
	mage_tlb_add(arm->batch, vma->vm_mm, pvmw->address);
}

static bool mage_arm_one(struct folio *folio, struct vm_area_struct *vma, unsigned long address,
			 void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address, 0);

	if (!page_vma_mapped_walk(&pvmw))
		return true;
	if (pvmw.pte)
		mage_arm_pte(arg, vma, &pvmw);
	page_vma_mapped_walk_done(&pvmw);
	/* It is mapped once: there is nothing more to find. */
	return false;
}

/**
 * mage_batch_arm() - clear the accessed and dirty bits of a batch
 * @batch: a batch fresh from selection
 */
void mage_batch_arm(struct mage_batch *batch)
{
	unsigned int i;

	cpumask_clear(&batch->tlb.cpumask);
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];
		struct mage_arm arm = { .batch = batch, .victim = victim };
		struct rmap_walk_control rwc = {
			.arg = &arm,
			.rmap_one = mage_arm_one,
			.anon_lock = folio_lock_anon_vma_read,
		};

		victim->dirty = false;
		if (!folio_trylock(victim->folio)) {
			victim->outcome = MAGE_OUTCOME_RESCUED;
			continue;
		}
		if (mage_folio_is_eligible(victim->folio)) {
			victim->outcome = MAGE_OUTCOME_GONE;
			rmap_walk(victim->folio, &rwc);
		} else {
			victim->outcome = MAGE_OUTCOME_EXCLUDED;
		}
		folio_unlock(victim->folio);
	}
}
