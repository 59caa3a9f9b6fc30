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

/**
 * mage_batch_unmap_first() - evict a batch the stock way
 * @batch: a batch fresh from selection; none of its victims is left afterwards
 *
 * Return: pages freed
 */
unsigned long mage_batch_unmap_first(struct mage_batch *batch)
{
	unsigned long freed;
	LIST_HEAD(folios);
	unsigned int i;

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
	}
	batch->nr = 0;
	freed = reclaim_pages(&folios);
	mage_count_add(batch->domain->stats, MAGE_STAT_EVICTIONS, freed);
	atomic_long_add(freed, &batch->domain->clock);
	mage_count(batch->domain->stats, MAGE_STAT_BATCHES);
	mage_room_made(batch->domain, freed);
	return freed;
}
