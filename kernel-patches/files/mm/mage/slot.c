// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: slots of far devices, and what swapon and swapoff have to do with it.
 *
 * A slot's swap entry has a count of one, which belongs to the PTE while the
 * page is in far memory only, and to the frame while the page is local and the
 * slot holds its clean far copy.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/blkdev.h>
#include <linux/swap.h>
#include <linux/swapfile.h>
#include "../swap.h"
#include "internal.h"

/*
 * Far devices by swap type, for the fault path.  Set by swapon before the first
 * entry of the type exists, cleared by swapoff after the last one is gone.
 */
static struct mage_disk *mage_disk_types[MAX_SWAPFILES];

/**
 * mage_disk_of_type() - the far device behind swap entries of a type
 * @type: swap type of an entry that cannot go away meanwhile
 *
 * Return: the device, or NULL if the type is a stock swap area
 */
struct mage_disk *mage_disk_of_type(unsigned int type)
{
	return READ_ONCE(mage_disk_types[type]);
}

/**
 * mage_disk_for_eviction() - a far device to write to
 *
 * Return: the first one that has free slots; failing that the first one in use,
 * where pages that have a slot can still be written; with a reference on its
 * swap area that mage_disk_put_swap() drops.  NULL if there is none.
 */
struct mage_disk *mage_disk_for_eviction(void)
{
	struct mage_disk *found = NULL;
	unsigned int type;

	/* swapoff clears the entry, then waits a grace period. */
	rcu_read_lock();
	for (type = 0; type < MAX_SWAPFILES; type++) {
		struct mage_disk *disk = mage_disk_of_type(type);
		struct swap_info_struct *si = disk ? READ_ONCE(disk->si) : NULL;
		bool has_room;

		if (!si || READ_ONCE(disk->draining) || READ_ONCE(disk->dev.failed))
			continue;
		has_room = READ_ONCE(si->inuse_pages) < si->pages;
		if ((found && !has_room) || !percpu_ref_tryget_live(&si->users))
			continue;
		if (found)
			mage_disk_put_swap(found);
		found = disk;
		if (has_room)
			break;
	}
	rcu_read_unlock();
	return found;
}

void mage_disk_put_swap(struct mage_disk *disk)
{
	percpu_ref_put(&disk->si->users);
}

/**
 * mage_slots_alloc() - take slots
 * @disk: far device, with a reference on its swap area
 * @nr: how many
 * @entries: filled with swap entries that have a count of one each
 *
 * Return: how many there were
 */
unsigned int mage_slots_alloc(struct mage_disk *disk, unsigned int nr, swp_entry_t *entries)
{
	unsigned int got = 0;

	while (got < nr) {
		int n = swap_alloc_counted(disk->si, min(nr - got, SWAP_BATCH), entries + got);

		if (n <= 0)
			break;
		got += n;
	}
	return got;
}

/**
 * mage_slot_free_later() - give a slot back from any context
 * @type: swap type
 * @offset: offset on it
 *
 * The swap code's locks must not be taken in interrupts, nor under the locks
 * under which pages are freed.
 */
void mage_slot_free_later(unsigned int type, pgoff_t offset)
{
	struct mage_disk *disk = mage_disk_of_type(type);

	if (WARN_ON_ONCE(!disk || offset >= disk->nr_slots))
		return;
	set_bit(offset, disk->free_later);
	/* Pairs with the order of clearing in mage_free_work(). */
	smp_mb__after_atomic();
	set_bit(offset / (BITS_PER_LONG * BITS_PER_LONG), disk->free_later_summary);
	queue_work(system_unbound_wq, &disk->free_work);
}

static void mage_free_work(struct work_struct *work)
{
	struct mage_disk *disk = container_of(work, struct mage_disk, free_work);
	const unsigned long group = BITS_PER_LONG * BITS_PER_LONG;
	unsigned long nr_groups = DIV_ROUND_UP(disk->nr_slots, group);
	unsigned long g, offset;

	for_each_set_bit(g, disk->free_later_summary, nr_groups) {
		unsigned long end = min((g + 1) * group, disk->nr_slots);

		/*
		 * Clear the summary before looking at the slots: a slot that is
		 * marked after the look sets the summary again.
		 */
		clear_bit(g, disk->free_later_summary);
		/* Pairs with the order of marking in mage_slot_free_later(). */
		smp_mb__after_atomic();
		offset = g * group;
		for_each_set_bit_from(offset, disk->free_later, end) {
			if (test_and_clear_bit(offset, disk->free_later))
				swap_free(swp_entry(disk->si->type, offset));
		}
		cond_resched();
	}
}

/**
 * mage_frame_drop_slot() - the far copy of a page is of no more use
 * @domain: the page's domain
 * @frame: a frame that nobody else can work on
 *
 * Any context.
 */
void mage_frame_drop_slot(struct mage_domain *domain, struct mage_frame *frame)
{
	if (!mage_frame_has_slot(frame))
		return;
	mage_slot_free_later(frame->slot_type - 1, frame->slot);
	frame->slot_type = 0;
	mage_count_add(domain, MAGE_STAT_CLEAN_COPIES, -1);
}

int mage_disk_init_slots(struct mage_disk *disk)
{
	disk->nr_slots = disk->dev.size >> PAGE_SHIFT;
	INIT_WORK(&disk->free_work, mage_free_work);
	disk->free_later = kvcalloc(BITS_TO_LONGS(disk->nr_slots), sizeof(long), GFP_KERNEL);
	disk->free_later_summary =
		kvcalloc(BITS_TO_LONGS(DIV_ROUND_UP(disk->nr_slots,
						    BITS_PER_LONG * BITS_PER_LONG)),
			 sizeof(long), GFP_KERNEL);
	if (disk->free_later && disk->free_later_summary && !mage_ghosts_init(disk))
		return 0;
	mage_disk_free_slots(disk);
	return -ENOMEM;
}

void mage_disk_free_slots(struct mage_disk *disk)
{
	mage_ghosts_free(disk);
	kvfree(disk->free_later);
	kvfree(disk->free_later_summary);
	disk->free_later = NULL;
	disk->free_later_summary = NULL;
}

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
	disk->si = si;
	WRITE_ONCE(disk->draining, false);
	static_branch_inc(&mage_active);
	/* Whoever sees the device sees what was set in it. */
	smp_store_release(&mage_disk_types[si->type], disk);
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

/* Takes the slots on one swap type away from the frames of a shard. */
static void mage_shard_drop_slots(struct mage_domain *domain, struct mage_shard *shard,
				  unsigned int type)
{
	struct mage_frame *frame;
	unsigned int list;

	spin_lock_irq(&shard->lock);
	for (list = 0; list < MAGE_LISTS; list++)
		list_for_each_entry(frame, &shard->lists[list], link)
			if (frame->slot_type == type + 1)
				mage_frame_drop_slot(domain, frame);
	spin_unlock_irq(&shard->lock);
}

/**
 * mage_swapoff_drain() - give back the slots that frames hold
 * @si: the swap area
 *
 * swapoff calls it in each of its rounds, until no slot is in use; what is in
 * a batch or being looked at now is met in a later round.
 */
void mage_swapoff_drain(struct swap_info_struct *si)
{
	struct mage_disk *disk = mage_disk_of_type(si->type);
	struct mage_domain *domain;
	unsigned int i;

	if (!disk)
		return;
	mutex_lock(&mage_domains_mutex);
	list_for_each_entry(domain, &mage_domains, all) {
		for (i = 0; i < domain->nr_shards; i++) {
			mage_shard_drop_slots(domain, &domain->shards[i], si->type);
			cond_resched();
		}
	}
	mutex_unlock(&mage_domains_mutex);
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
	WRITE_ONCE(mage_disk_types[si->type], NULL);
	/* mage_disk_for_eviction() may be looking at the device. */
	synchronize_rcu();
	WRITE_ONCE(disk->si, NULL);
	static_branch_dec(&mage_active);
}
