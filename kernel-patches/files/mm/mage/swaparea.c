// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what swapon and swapoff of a far device, and stock reclaim to it, have to do with it.
 */
#include <linux/blkdev.h>
#include <linux/mage.h>
#include <linux/swap.h>
#include "block.h"
#include "disk.h"
#include "domain.h"
#include "flight.h"
#include "slot.h"

static struct mage_disk *mage_disk_of_swap(struct swap_info_struct *si)
{
	/* A swap file or partition on a far device is stock swap. */
	if (!(si->flags & SWP_BLKDEV) || !si->bdev || bdev_is_partition(si->bdev) ||
	    si->bdev->bd_disk->fops != &mage_block_ops)
		return NULL;
	return si->bdev->bd_disk->private_data;
}

/**
 * mage_swapon() - a swap area was set up and is about to be used
 * @si: the swap area
 */
void mage_swapon(struct swap_info_struct *si)
{
	struct mage_disk *disk = mage_disk_of_swap(si);

	if (!disk)
		return;
	WRITE_ONCE(disk->si, si);
	WRITE_ONCE(disk->draining, false);
	static_branch_inc(&mage_active);
	mage_disk_set_type(si->type, disk);
}

/**
 * mage_swapoff_begin() - swapoff starts to empty a swap area
 * @si: the swap area
 */
void mage_swapoff_begin(struct swap_info_struct *si)
{
	struct mage_disk *disk = mage_disk_of_type(si->type);

	if (disk)
		WRITE_ONCE(disk->draining, true);
}

/* Frames that are looked at under one hold of a shard's lock. */
#define MAGE_DRAIN_HOLD	256

/*
 * Takes the slots on one swap type away from the frames of a list, a few under each hold of
 * the lock.  Meanwhile those that are still to be looked at are on a list of nobody's, which
 * they can leave as any other; no walk sees them there.  Nor would a new policy's gathering,
 * which waits for that.
 */
static void mage_list_drop_slots(struct mage_domain *domain, struct mage_shard *shard,
				 unsigned int list, unsigned int type)
{
	struct mage_frame *frame;
	LIST_HEAD(left);

	/* Those on the list of nobody's count as well. */
	if (!READ_ONCE(shard->nr[list]))
		return;
	mutex_lock(&domain->lists_mutex);
	spin_lock_irq(&shard->lock);
	shard->hand[list] = NULL;
	list_splice_init(&shard->lists[list], &left);
	while (!list_empty(&left)) {
		unsigned int nr = MAGE_DRAIN_HOLD;

		while (nr-- && !list_empty(&left)) {
			frame = list_first_entry(&left, struct mage_frame, link);
			list_move_tail(&frame->link, &shard->lists[list]);
			if (frame->slot_type == type + 1)
				mage_frame_drop_slot(domain->stats, frame);
		}
		spin_unlock_irq(&shard->lock);
		cond_resched();
		spin_lock_irq(&shard->lock);
	}
	spin_unlock_irq(&shard->lock);
	mutex_unlock(&domain->lists_mutex);
}

/**
 * mage_swapoff_drain() - give back the slots that frames hold, or pages in flight mark
 * @si: the swap area
 *
 * swapoff calls it in each of its rounds, until no slot is in use; what is in
 * a batch or being looked at now is met in a later round.
 */
void mage_swapoff_drain(struct swap_info_struct *si)
{
	struct mage_disk *disk = mage_disk_of_type(si->type);
	struct mage_domain *domain;
	unsigned int id = 0, i, list;

	if (!disk)
		return;
	/* Each is read again, the stock way; one that took off late is dropped when it is old. */
	mage_flights_drop_of_type(si->type);
	while ((domain = mage_domain_get_next(&id))) {
		for (i = 0; i < domain->shards.nr; i++) {
			for (list = 0; list < MAGE_LISTS; list++)
				mage_list_drop_slots(domain, &domain->shards.shard[i], list,
						     si->type);
			cond_resched();
		}
		mage_domain_put(domain);
	}
	flush_work(&disk->free_work);
}

/**
 * mage_swapoff_abort() - swapoff gives up; the area stays in use
 * @si: the swap area
 */
void mage_swapoff_abort(struct swap_info_struct *si)
{
	struct mage_disk *disk = mage_disk_of_type(si->type);

	if (disk)
		WRITE_ONCE(disk->draining, false);
}

/* Whether the far copy of a folio in the swap cache, or a part of it, cannot be read now. */
static bool mage_folio_is_away(struct folio *folio)
{
	struct mage_disk *disk = mage_disk_of_type(swp_type(folio->swap));
	pgoff_t slot = swp_offset(folio->swap);
	unsigned int i;

	if (!disk)
		return false;
	/* What is dirty is to be written, and may be what the slot waits for. */
	for (i = 0; !folio_test_dirty(folio) && i < folio_nr_pages(folio); i++)
		if (mage_slot_look(disk, slot + i))
			return true;
	return mage_type_is_away(swp_type(folio->swap));
}

/*
 * The slot is the swap cache's, so its device stays.  Also a clean folio may be the last
 * copy: the device may not come back.  One that is nobody's any more, as its process has
 * ended, is freed when stock reclaim puts it back.
 */
bool __mage_folio_is_stranded(struct folio *folio)
{
	if (!mage_folio_is_away(folio))
		return false;
	/* It could not be read: what it holds is no copy, and nobody has mapped it. */
	if (!folio_test_uptodate(folio))
		return false;
	return !folio_free_swap(folio) || !folio_mapped(folio);
}

/**
 * mage_swapoff_end() - a swap area is empty and has no users any more
 * @si: the swap area
 */
void mage_swapoff_end(struct swap_info_struct *si)
{
	struct mage_disk *disk = mage_disk_of_type(si->type);

	if (!disk)
		return;
	flush_work(&disk->free_work);
	mage_disk_set_type(si->type, NULL);
	/* mage_disk_for_eviction() may be looking at the device. */
	synchronize_rcu();
	WRITE_ONCE(disk->si, NULL);
	/* The last one that has seen the area. */
	cancel_work_sync(&disk->offer_work);
	static_branch_dec(&mage_active);
}
