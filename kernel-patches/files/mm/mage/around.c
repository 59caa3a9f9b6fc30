// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: looks at the neighbours of a page that was used.
 *
 * What is used together often lies together.  Where a look has found the entry of a page,
 * those around it are in the cache, and under the same lock: to look at one costs a few
 * instructions, instead of a search by the reverse mapping.
 *
 * Source: lru_gen_look_around() of Linux 6.12, mm/vmscan.c.  The bounds are those of it:
 * the area, the page table, and MAGE_AROUND_MAX entries.
 *
 * The lock of the page table keeps the pages that are mapped in it from being freed.
 * Everything else is looked at under the lock of a frame's shard: whose page it is, whether it
 * is on a list, and isolated.  So no other evictor takes the page, and no other walk
 * shows it, between the look at its accessed bit and its move.
 */
#include <linux/mage_policy.h>
#include "around.h"
#include "batch.h"
#include "domain.h"
#include "look.h"
#include "mapping.h"
#include "shard.h"
#include "walk.h"

/* Entries that are looked at for what a look at a frame takes. */
#define MAGE_AROUND_ENTRIES	8

static_assert(MAGE_LISTS * 4 == 64);	/* mage_around.to */

/*
 * Whether the frame of a neighbour that was used may be moved; under its shard's lock.  A page
 * that is shown by a walk, in this call or another, is that one's to judge; a victim is its
 * batch's.  Marks of a page with other mappings are under the locks of their page tables, too.
 */
static bool mage_around_may_move(const struct mage_around *around, const struct mage_frame *frame)
{
	struct folio *folio = mage_frame_folio(frame);

	return frame->state == MAGE_FRAME_LISTED &&
	       mage_around_list(around->to, frame->list) != frame->list &&
	       !(around->again && frame->prefetched) &&
	       folio_test_lru(folio) && folio_mapcount(folio) == 1;
}

/* A walk of the list would otherwise go on for one frame more than are left. */
static void mage_around_tell_walk(const struct mage_around *around, const struct mage_shard *shard,
				  const struct mage_frame *frame)
{
	struct mage_list_walk *walk = around->walk;

	if (walk && walk->left && walk->list == frame->list && mage_walk_shard(walk) == shard)
		walk->left--;
}

/*
 * Moves the page of an entry that is young, if it is the domain's, and forgets that it was used.
 * Whether it did.
 */
static bool mage_around_move(const struct mage_around *around, const struct mage_mapping *map,
			     pte_t *pte, unsigned long address)
{
	struct mage_domain *domain = around->batch->domain;
	struct mage_frame *frame = mage_frame_by_pfn(pte_pfn(ptep_get(pte)));
	struct mage_shard *shard;
	unsigned long flags;
	bool moved = false;

	shard = frame ? mage_frame_lock(&domain->shards, frame, &flags) : NULL;
	if (!shard)
		return false;
	if (mage_around_may_move(around, frame) &&
	    ptep_test_and_clear_young(map->vma, address, pte)) {
		u32 to = mage_around_list(around->to, frame->list);

		mage_around_tell_walk(around, shard, frame);
		mage_frame_unlink(shard, frame);
		mage_frame_link(shard, frame, to, around->tail);
		moved = true;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	if (moved)
		mage_domain_used(domain, frame);
	return moved;
}

/* The entries to look at: with the page's own in the middle, if there are so many. */
static struct mage_window mage_around_window(const struct mage_around *around,
					     const struct mage_mapping *map)
{
	unsigned long here = (map->address - map->near_address) >> PAGE_SHIFT;
	unsigned long most = MAGE_AROUND_ENTRIES * around->batch->walk_budget + 1;
	unsigned long nr = min3((unsigned long)MAGE_AROUND_MAX, map->nr_near, most);
	unsigned long first = here > nr / 2 ? here - nr / 2 : 0;

	first = min(first, map->nr_near - nr);
	return (struct mage_window){
		.mm = map->table_mm,
		.start = map->near_address + first * PAGE_SIZE,
		.end = map->near_address + (first + nr) * PAGE_SIZE,
	};
}

/*
 * Whether this call has looked there just now: most of what it would find is what the walk
 * holds.  The mm is compared only, never looked into.
 */
static bool mage_around_was_there(const struct mage_window *window, const struct mage_mapping *map)
{
	return window->mm == map->table_mm && map->address >= window->start &&
	       map->address < window->end;
}

/**
 * mage_around_look() - look at the neighbours of a page that was used
 * @around: what becomes of them
 * @map: whose last look has found the page, and that it was used: its page table is locked
 *
 * What it takes is taken off the budget: a frame for MAGE_AROUND_ENTRIES entries, and one for
 * each page that is moved.
 */
void mage_around_look(const struct mage_around *around, struct mage_mapping *map)
{
	struct mage_batch *batch = around->batch;
	struct mage_window window;
	unsigned long address;
	pte_t *pte;

	if (mage_around_was_there(&batch->around, map) || !mage_vma_is_eligible(map->vma))
		return;
	/* Somebody waits for the lock, and a page more or less that is known is worth less. */
	if (spin_is_contended(map->ptl))
		return;
	window = mage_around_window(around, map);
	batch->around = window;
	batch->walk_budget -= DIV_ROUND_UP(((window.end - window.start) >> PAGE_SHIFT) - 1,
					   MAGE_AROUND_ENTRIES);
	pte = map->near + ((window.start - map->near_address) >> PAGE_SHIFT);
	for (address = window.start; address < window.end && batch->walk_budget;
	     address += PAGE_SIZE, pte++) {
		pte_t entry = ptep_get(pte);

		if (pte_present(entry) && pte_young(entry) && !pte_special(entry))
			batch->walk_budget -= mage_around_move(around, map, pte, address);
	}
	/* That was enough for one hold of the lock. */
	mage_mapping_rest(map);
}

/**
 * mage_frame_take_young_around() - whether a page was used, and forget that it was, and that its
 *	neighbours were
 * @batch: the batch of the callback that asks
 * @frame: the frame
 * @to: as of &struct mage_around
 *
 * Return: what it took of the budget, with one for this page; 0 if it was not used; 1 if that
 * cannot be told
 */
u32 mage_frame_take_young_around(struct mage_batch *batch, struct mage_frame *frame, u64 to)
{
	struct mage_mapping map = {
		.batch = batch,
		.try_lock = true,
		.vain = &batch->walk_budget,
	};
	const struct mage_around around = {
		.batch = batch,
		.walk = batch->walk,
		.to = to,
		.tail = true,
	};
	u32 took = 0;

	if (mage_frame_take_young_near(batch, frame, &map)) {
		u32 before = batch->walk_budget;

		if (map.used)
			mage_around_look(&around, &map);
		took = 1 + before - batch->walk_budget;
	}
	mage_mapping_end(&map);
	return took;
}
