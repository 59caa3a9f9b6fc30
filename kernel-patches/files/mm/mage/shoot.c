// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stage "shoot", and the second shootdown of a batch.
 *
 * The first shootdown stands between clearing the accessed and dirty bits and
 * copying the page: with an old translation a CPU could write without setting
 * the dirty bit.
 *
 * The second stands between replacing the PTEs and freeing the pages.  A PTE
 * that is old when it is replaced would be in no TLB, and no second shootdown
 * needed, if nobody but arm cleared accessed bits: Intel sets the bit before it
 * caches a translation (SDM vol. 3, "Caching Translation Information").  But the
 * kernel clears accessed bits without a shootdown in many places: page aging of both
 * LRUs, idle page tracking, DAMON, MADV_COLD, clear_refs, and a policy that
 * asks for them.  A page that is read after it was armed and then aged looks
 * unused while a CPU still has its translation.  What such a CPU reads before
 * the second shootdown is right, since the page is not freed yet; a write makes
 * it look at the PTE again, to set the dirty bit, and fault.
 */
#include <asm/tlbflush.h>
#include "../internal.h"
#include "internal.h"

/**
 * mage_tlb_add() - a PTE changed whose translation CPUs may have cached
 * @batch: whose shootdown shall cover it
 * @mm: the address space
 * @address: the address
 *
 * Under the page table lock.  CPUs that do not run the mm flush before they
 * next do, because its generation is raised; stock paths that rely on there
 * being no stale translation flush themselves while one is pending.
 */
void mage_tlb_add(struct mage_batch *batch, struct mm_struct *mm, unsigned long address)
{
	arch_tlbbatch_add_pending(&batch->tlb, mm, address);
	set_tlb_flush_batched(mm);
}

/**
 * mage_batch_shoot() - make every CPU forget the translations of a batch
 * @batch: the batch; all CPUs have answered when this returns
 */
void mage_batch_shoot(struct mage_batch *batch)
{
	arch_tlbbatch_flush(&batch->tlb);
}
