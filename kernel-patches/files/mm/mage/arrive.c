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
#include "limit.h"
#include "prefetch.h"
#include "room.h"
#include "slot.h"

/* A faulting CPU looks at the room, and at what is swapped out, once in so many pages. */
#define MAGE_ROOM_CHECK_EVERY	8

/* Under RCU: @domain takes in a page that is on no list of the LRU, if it can. */
static bool mage_domain_take_in(struct mage_domain *domain, struct mage_frame *frame,
				struct folio *folio, enum mage_page_in_reason why,
				swp_entry_t from)
{
	bool kept = mage_frame_has_slot(frame);

	if (!mage_folio_is_eligible(folio))
		return false;
	/* Left by the stock LRU; a page must not be freed with it.  Before others find it. */
	if (folio_test_active(folio))
		folio_clear_active(folio);
	/* Before it can be found, and the slot dropped, by others. */
	if (kept)
		mage_count(domain->stats, MAGE_STAT_CLEAN_COPIES);
	if (!mage_frame_insert(&domain->shards, frame, folio_pfn(folio))) {
		if (kept)
			mage_count_add(domain->stats, MAGE_STAT_CLEAN_COPIES, -1);
		return false;
	}
	mage_policy_page_in(domain, frame, why, from);
	if (!(this_cpu_inc_return(domain->stats->arrivals) % MAGE_ROOM_CHECK_EVERY)) {
		mage_domain_look_at_swap(domain);
		if (mage_room_is_short(domain))
			mage_evictors_kick();
	}
	return true;
}

/* A page comes under the policy of its domain, but for PG_lru. */
static bool mage_folio_come(struct folio *folio, enum mage_page_in_reason why)
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

/**
 * mage_folio_enter() - a page comes under the policy of its domain
 * @folio: page that is not on the LRU; the caller holds a reference
 * @why: reason
 *
 * Return: false if it has no domain, or is not of a kind that Mage manages
 */
bool mage_folio_enter(struct folio *folio, enum mage_page_in_reason why)
{
	if (!mage_folio_come(folio, why))
		return false;
	/* Last, as who finds it set may take the page away, of which page_out tells. */
	folio_set_lru(folio);
	return true;
}

/*
 * A new page is mapped and nothing else; one that comes back from isolation is held, too,
 * and one that a migration has filled is not mapped yet.
 */
bool __mage_folio_add(struct folio *folio)
{
	bool new = folio_mapped(folio) && folio_ref_count(folio) == 1;

	return mage_folio_enter(folio, new ? MAGE_PAGE_IN_NEW : MAGE_PAGE_IN_ADOPTED);
}

/* Whether a page of the stock LRU is one that its domain can most likely evict. */
static bool mage_folio_is_wanted(struct folio *folio)
{
	return mage_folio_is_eligible(folio) && !folio_test_large(folio) &&
	       folio_mapcount(folio) == 1 && !folio_maybe_dma_pinned(folio);
}

/*
 * The caller may have set PG_lru already, so the page may be taken away again before
 * the policy was told of it: then page_out comes before page_in, for a frame that
 * is nobody's any more.
 */
bool __mage_lruvec_add(struct folio *folio)
{
	struct mage_frame *frame;

	if (!mage_folio_is_wanted(folio))
		return false;
	frame = mage_frame_of(folio);
	if (!frame || frame->marks & MAGE_MARK_GIVEN)
		return false;
	return mage_folio_come(folio, MAGE_PAGE_IN_ADOPTED);
}

bool __mage_folio_returns(struct folio *folio)
{
	struct mage_domain *domain;
	struct mage_frame *frame;
	bool returns;

	if (!mage_folio_is_wanted(folio))
		return false;
	frame = mage_frame_of(folio);
	if (!frame)
		return false;
	if (frame->marks & MAGE_MARK_GIVEN) {
		/* This is the try. */
		frame->marks = 0;
		return false;
	}
	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	returns = domain && !READ_ONCE(domain->shards.closing) &&
		  !mage_room_seems_stalled(domain);
	rcu_read_unlock();
	return returns;
}

/* What a page that was read does once it is mapped, and its domain has taken it in, or not. */
static void mage_swapin_settle(struct mage_frame *frame, struct folio *folio, bool taken)
{
	if (taken) {
		/* As in mage_folio_enter(). */
		folio_set_lru(folio);
		return;
	}
	/* The domain ended meanwhile, or the page is mlocked. */
	if (mage_frame_has_slot(frame)) {
		mage_slot_free_later(frame->slot_type - 1, frame->slot);
		frame->slot_type = 0;
	}
	__folio_add_lru(folio);
}

/**
 * mage_swapin_landed() - a page that was in flight is mapped
 * @vma: the mapping; the page table lock is held
 * @address: where
 * @frame: what mage_swapin_claim() returned for @folio
 * @folio: the page
 * @entry: where it was read from
 * @used: a thread has faulted on it
 */
void mage_swapin_landed(struct vm_area_struct *vma, unsigned long address,
			struct mage_frame *frame, struct folio *folio, swp_entry_t entry,
			bool used)
{
	struct mage_domain *domain;
	bool taken;

	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	taken = domain && mage_domain_take_in(domain, frame, folio, MAGE_PAGE_IN_PREFETCH, entry);
	if (taken) {
		trace_mage_page_in(domain->cgroup_id, mage_mm_number(vma->vm_mm), address,
				   MAGE_PAGE_IN_PREFETCH);
		mage_count(domain->stats, MAGE_STAT_PREFETCHED);
		if (used)
			mage_count(domain->stats, MAGE_STAT_PREFETCH_HITS);
		else
			mage_frame_mark_prefetched(&domain->shards, frame);
	}
	rcu_read_unlock();
	mage_swapin_settle(frame, folio, taken);
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
		/* It may have begun before there was a domain, or on a CPU whose clock is ahead. */
		u64 ns = begin ? max_t(s64, local_clock() - begin, 0) : 0;

		mage_count(domain->stats, MAGE_STAT_FAULTS);
		mage_count_add(domain->stats, MAGE_STAT_FAULT_NS, ns);
		this_cpu_inc(mage_domain_root(domain)->root_stats->fault[mage_latency_bucket(ns)]);
		trace_mage_fault_in(domain->cgroup_id, mage_mm_number(vmf->vma->vm_mm),
				    vmf->address, swp_offset(entry),
				    pte_dirty(vmf->orig_pte) || vmf->flags & FAULT_FLAG_WRITE, ns);
	}
	rcu_read_unlock();
	mage_swapin_settle(frame, folio, taken);
}
