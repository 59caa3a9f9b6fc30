// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stock way out: to swap areas that are not far devices, for threads that
 * evict for themselves, and for measuring what mapped write-back is worth.
 *
 * Victims are isolated as off an LRU and handed to the stock reclaim of single
 * pages: swap cache, unmap, shootdown, write through the block layer.  What it
 * cannot reclaim it puts back, which brings it to its domain again.
 */
#include <linux/swap.h>
#include "../internal.h"
#include "unmap.h"
#include "batch.h"
#include "domain.h"
#include "leave.h"
#include "room.h"
#include "stock.h"

/*
 * How many of the first @nr frames of a batch are their domain's again.  Nobody has their
 * pages, and one may be another by now: an estimate.
 */
static unsigned int mage_victims_back(const struct mage_batch *batch, unsigned int nr)
{
	unsigned int i, back = 0;

	/* And what does not come back can be found by the stock work. */
	lru_add_drain();
	for (i = 0; i < nr; i++)
		back += mage_frame_domain_id(batch->victim[i].frame) == batch->domain->shards.id;
	return back;
}

/**
 * mage_batch_unmap_first() - evict a batch the stock way
 * @batch: a batch fresh from selection; none of its victims is left afterwards
 * @back: filled with how many came back, for want of a place most likely
 *
 * What is neither freed nor back waits for its swap area to write it; stock reclaim is
 * to free that.
 *
 * Return: pages freed
 */
unsigned long mage_batch_unmap_first(struct mage_batch *batch, unsigned int *back)
{
	unsigned long freed;
	LIST_HEAD(folios);
	unsigned int i, nr = 0;

	for (i = 0; i < batch->nr; i++) {
		struct folio *folio = batch->victim[i].folio;
		bool lazy = batch->victim[i].frame->marks & MAGE_MARK_LAZY;

		/* The list takes over the batch's reference. */
		if (!mage_folio_take(folio)) {
			folio_put(folio);
			continue;
		}
		/* As MADV_FREE leaves them on the LRU: dropped, unless they are dirty again. */
		if (lazy)
			folio_clear_swapbacked(folio);
		list_add_tail(&folio->lru, &folios);
		batch->victim[nr++].frame = batch->victim[i].frame;
	}
	batch->nr = 0;
	freed = reclaim_pages(&folios);
	mage_count_add(batch->domain->stats, MAGE_STAT_EVICTIONS, freed);
	atomic_long_add(freed, &batch->domain->clock);
	mage_count(batch->domain->stats, MAGE_STAT_BATCHES);
	*back = freed < nr ? min(mage_victims_back(batch, nr), nr - freed) : 0;
	/*
	 * What leaves is not to be asked for again before it is written.  Those who wait
	 * look when room was made.
	 */
	if (batch->node)
		atomic_long_add(nr - *back, &batch->domain->want[mage_batch_nid(batch)].progress);
	if (!freed && nr > *back && wq_has_sleeper(&mage_freed_wait))
		wake_up_all(&mage_freed_wait);
	mage_room_made(batch->domain, freed);
	if (freed + *back < nr)
		mage_stock_leave(batch->domain, nr - freed - *back);
	return freed;
}
