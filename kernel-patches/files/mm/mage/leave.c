// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: pages that leave their domain, but for those that are evicted.
 */
#include <linux/mage.h>
#include <linux/swap.h>
#include "../internal.h"
#include "leave.h"
#include "callback.h"
#include "domain.h"
#include "slot.h"

/*
 * Takes a folio out of its domain, for good or for the stock LRU.  The caller is the
 * only one who can: it has cleared PG_lru, alone or as its batch, or the last
 * reference is gone.
 */
static bool mage_folio_leave(struct folio *folio, bool even_victim, u32 why)
{
	struct mage_frame *frame = mage_frame_of(folio);
	struct mage_domain *domain;
	bool left = false;

	if (!frame || !READ_ONCE(frame->owner))
		return false;
	rcu_read_lock();
	domain = mage_domain_by_id(mage_frame_domain_id(frame));
	if (domain && mage_frame_remove(&domain->shards, frame, even_victim)) {
		mage_frame_drop_slot(domain->stats, frame);
		mage_policy_page_out(domain, frame, why);
		mage_count_departures(domain->stats, 1);
		left = true;
	}
	rcu_read_unlock();
	/* Not linked to itself any more: see mage_folio_is_listed(). */
	if (left)
		folio->lru.next = LIST_POISON1;
	return left;
}

bool __mage_lruvec_del(struct folio *folio)
{
	return !folio_test_large(folio) &&
	       mage_folio_leave(folio, false, folio_ref_count(folio) ? MAGE_PAGE_OUT_TAKEN :
								       MAGE_PAGE_OUT_FREED);
}

bool __mage_folio_free(struct folio *folio)
{
	return !folio_test_large(folio) && mage_folio_leave(folio, true, MAGE_PAGE_OUT_FREED);
}

/**
 * mage_folio_take() - take a victim out of its domain
 * @folio: the page; the caller is its batch and keeps the reference
 *
 * Return: false if the page is not a domain's any more
 */
bool mage_folio_take(struct folio *folio)
{
	return mage_folio_leave(folio, true, MAGE_PAGE_OUT_TAKEN);
}

/**
 * mage_folio_give_to_lru() - hand a victim to the stock LRU
 * @domain: its domain
 * @folio: the page; the caller is its batch and keeps the reference
 *
 * Stock reclaim will try it once, before it may come back.
 *
 * Return: false if the page is not the domain's any more
 */
bool mage_folio_give_to_lru(struct mage_domain *domain, struct folio *folio)
{
	if (!mage_folio_leave(folio, true, MAGE_PAGE_OUT_TAKEN))
		return false;
	mage_frame_of(folio)->marks = MAGE_MARK_GIVEN;
	__folio_add_lru(folio);
	return true;
}
