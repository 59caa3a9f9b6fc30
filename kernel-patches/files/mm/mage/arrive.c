// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: pages that arrive in their domain: new ones, and those that were read.
 */
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/sched/clock.h>
#include <linux/swap.h>
#include <trace/events/mage.h>
#include "../internal.h"
#include "arrive.h"
#include "callback.h"
#include "domain.h"
#include "evictor.h"
#include "prefetch.h"
#include "room.h"
#include "slot.h"

/* A faulting CPU looks at the room once in so many pages. */
#define MAGE_ROOM_CHECK_EVERY	8

/* Under RCU: @domain takes in a page that is not on the LRU, if it can. */
static bool mage_domain_take_in(struct mage_domain *domain, struct mage_frame *frame,
				struct folio *folio, enum mage_page_in_reason why,
				swp_entry_t from)
{
	bool kept = mage_frame_has_slot(frame);

	if (folio_test_lru(folio) || !mage_folio_is_eligible(folio))
		return false;
	/* Before it can be found, and the slot dropped, by others. */
	if (kept)
		mage_count(domain->stats, MAGE_STAT_CLEAN_COPIES);
	if (!mage_frame_insert(&domain->shards, frame, folio_pfn(folio))) {
		if (kept)
			mage_count_add(domain->stats, MAGE_STAT_CLEAN_COPIES, -1);
		return false;
	}
	/* Left by the stock LRU; a page must not be freed with it. */
	if (folio_test_active(folio))
		folio_clear_active(folio);
	mage_policy_page_in(domain, frame, why, from);
	if (!(this_cpu_inc_return(domain->stats->arrivals) % MAGE_ROOM_CHECK_EVERY) &&
	    mage_room_is_short(domain))
		mage_evictors_kick();
	return true;
}

/**
 * mage_folio_enter() - a page comes under the policy of its domain
 * @folio: page that is not on the LRU; the caller holds a reference
 * @why: reason
 *
 * Return: false if it has no domain, or is not of a kind that Mage manages
 */
bool mage_folio_enter(struct folio *folio, enum mage_page_in_reason why)
{
	struct mage_domain *domain;
	struct mage_frame *frame;
	bool taken = false;

	/* Only a small one has a frame of its own. */
	if (folio_test_large(folio))
		return false;
	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	frame = domain ? mage_frame_of(folio) : NULL;
	if (frame)
		taken = mage_domain_take_in(domain, frame, folio, why, (swp_entry_t){});
	if (taken && why == MAGE_PAGE_IN_NEW)
		mage_count(domain->stats, MAGE_STAT_FIRST_TOUCHES);
	if (taken)
		trace_mage_page_in(domain->cgroup_id,
				   mage_mm_number(why == MAGE_PAGE_IN_NEW ? current->mm : NULL),
				   (u64)folio->index << PAGE_SHIFT, why);
	rcu_read_unlock();
	return taken;
}

bool __mage_folio_add(struct folio *folio)
{
	return mage_folio_enter(folio, MAGE_PAGE_IN_NEW);
}

void __mage_swapin_done(struct vm_fault *vmf, struct mage_frame *frame, struct folio *folio,
			swp_entry_t entry, u64 begin)
{
	enum mage_page_in_reason why = mage_prefetching() ? MAGE_PAGE_IN_PREFETCH :
							    MAGE_PAGE_IN_FAULT;
	struct mage_domain *domain;
	bool taken;

	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	taken = domain && mage_domain_take_in(domain, frame, folio, why, entry);
	if (taken)
		trace_mage_page_in(domain->cgroup_id, mage_mm_number(vmf->vma->vm_mm),
				   vmf->address, why);
	if (taken && why == MAGE_PAGE_IN_PREFETCH) {
		/* It is to look unused, and to be known again. */
		ptep_test_and_clear_young(vmf->vma, vmf->address, vmf->pte);
		mage_count(domain->stats, MAGE_STAT_PREFETCHED);
		mage_frame_mark_prefetched(&domain->shards, frame);
	} else if (taken) {
		u64 ns = local_clock() - begin;

		mage_count(domain->stats, MAGE_STAT_FAULTS);
		this_cpu_inc(domain->stats->latency[mage_latency_bucket(ns)]);
		trace_mage_fault_in(domain->cgroup_id, mage_mm_number(vmf->vma->vm_mm),
				    vmf->address, swp_offset(entry),
				    pte_dirty(vmf->orig_pte) || vmf->flags & FAULT_FLAG_WRITE, ns);
	}
	rcu_read_unlock();
	if (taken)
		return;
	/* The domain ended meanwhile, or the page is mlocked. */
	if (mage_frame_has_slot(frame)) {
		mage_slot_free_later(frame->slot_type - 1, frame->slot);
		frame->slot_type = 0;
	}
	__folio_add_lru(folio);
}
