// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what applications say about their pages by madvise().
 */
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pagewalk.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include "../internal.h"
#include "callback.h"
#include "disk.h"
#include "domain.h"
#include "limit.h"
#include "prefetch.h"
#include "room.h"

static bool mage_folio_is_managed(struct folio *folio)
{
	struct mage_frame *frame;

	if (folio_test_large(folio) || !folio_test_anon(folio))
		return false;
	frame = mage_frame_of(folio);
	return frame && READ_ONCE(frame->owner);
}

/**
 * mage_folio_tell() - tell a page's policy about it
 * @folio: the page; its page table lock is held
 * @what: the hint
 */
static void mage_folio_tell(struct folio *folio, enum mage_hint what)
{
	struct mage_domain *domain;
	struct mage_frame *frame;

	if (!mage_folio_is_managed(folio))
		return;
	frame = mage_frame_of(folio);
	rcu_read_lock();
	domain = mage_domain_by_id(mage_frame_domain_id(frame));
	if (domain)
		mage_policy_hint(domain, frame, what);
	rcu_read_unlock();
}

void __mage_folio_hint(struct folio *folio, bool pageout)
{
	mage_folio_tell(folio, pageout ? MAGE_HINT_PAGEOUT : MAGE_HINT_COLD);
}

/**
 * struct mage_willneed - what the walk of a range carries
 * @domain: the domain, with a reference
 * @left: pages that may still be prefetched
 * @nr: pages in @address
 * @address: pages to be prefetched next
 */
struct mage_willneed {
	struct mage_domain *domain;
	long left;
	unsigned int nr;
	unsigned long address[MAGE_PREFETCH_MAX];
};

static void mage_willneed_flush(struct mage_willneed *need, struct mm_struct *mm)
{
	if (!need->nr)
		return;
	rcu_read_lock();
	/* What cannot be started now is not worth waiting for: it is a hint. */
	if (!mage_prefetch_start(need->domain, mm, need->address, need->nr))
		need->left = 0;
	rcu_read_unlock();
	need->nr = 0;
}

static int mage_willneed_pmd(pmd_t *pmd, unsigned long start, unsigned long end,
			     struct mm_walk *walk)
{
	struct mage_willneed *need = walk->private;
	unsigned long address;
	spinlock_t *ptl;	/* of the page table */
	pte_t *begin, *at;

	begin = pte_offset_map_lock(walk->mm, pmd, start, &ptl);
	if (!begin)
		return 0;
	for (at = begin, address = start; address < end; at++, address += PAGE_SIZE) {
		pte_t pte = ptep_get(at);
		struct folio *folio;

		if (pte_present(pte)) {
			folio = vm_normal_folio(walk->vma, address, pte);
			if (folio)
				mage_folio_tell(folio, MAGE_HINT_WILLNEED);
		} else if (need->left > 0 && is_swap_pte(pte) &&
			   !non_swap_entry(pte_to_swp_entry(pte)) &&
			   mage_disk_of_type(swp_type(pte_to_swp_entry(pte)))) {
			need->address[need->nr++] = address;
			need->left--;
			if (need->nr == MAGE_PREFETCH_MAX)
				mage_willneed_flush(need, walk->mm);
		}
	}
	pte_unmap_unlock(begin, ptl);
	cond_resched();
	return 0;
}

static const struct mm_walk_ops mage_willneed_ops = {
	.pmd_entry = mage_willneed_pmd,
	.walk_lock = PGWALK_RDLOCK,
};

bool __mage_madvise_willneed(struct vm_area_struct *vma, unsigned long start,
			     unsigned long end)
{
	struct mem_cgroup *memcg = get_mem_cgroup_from_mm(vma->vm_mm);
	struct mage_willneed need = {};

	need.domain = mage_domain_get_of(memcg);
	mem_cgroup_put(memcg);
	if (!need.domain)
		return false;
	need.left = max(mage_domain_room_uncharged(need.domain) - (long)MAGE_BATCH_LEAST, 0L);
	walk_page_range(vma->vm_mm, start, end, &mage_willneed_ops, &need);
	mage_willneed_flush(&need, vma->vm_mm);
	mage_domain_put(need.domain);
	return true;
}
