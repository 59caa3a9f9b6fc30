// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: slots of far devices.
 *
 * A slot's swap entry has a count of one, which belongs to the PTE while the
 * page is in far memory only, and to the frame while the page is local and the
 * slot holds its clean far copy.
 */
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapfile.h>
#include "../swap.h"
#include "slot.h"
#include "disk.h"

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
	struct mage_disk *disk;

	/*
	 * The work may free the slot as soon as it is marked, and this be the last one:
	 * swapoff then waits a grace period before it flushes the work and lets go of the
	 * device.
	 */
	guard(rcu)();
	disk = mage_disk_of_type(type);
	if (WARN_ON_ONCE(!disk || offset >= disk->nr_slots))
		return;
	set_bit(offset, disk->free_later);
	/* Pairs with the order of clearing in mage_free_work(). */
	smp_mb__after_atomic();
	set_bit(offset / (BITS_PER_LONG * BITS_PER_LONG), disk->free_later_summary);
	mage_disk_queue_work(&disk->free_work);
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
 * @stats: its domain's
 * @frame: a frame that nobody else can work on
 *
 * Any context.
 */
void mage_frame_drop_slot(struct mage_stats __percpu *stats, struct mage_frame *frame)
{
	if (!mage_frame_has_slot(frame))
		return;
	mage_slot_free_later(frame->slot_type - 1, frame->slot);
	frame->slot_type = 0;
	mage_count_add(stats, MAGE_STAT_CLEAN_COPIES, -1);
}

/**
 * mage_disk_init_slots() - make place for what is known of a device's slots
 * @disk: the far device, with its size set
 *
 * Return: 0 or -ENOMEM
 */
int mage_disk_init_slots(struct mage_disk *disk)
{
	disk->nr_slots = disk->dev.size >> PAGE_SHIFT;
	INIT_WORK(&disk->free_work, mage_free_work);
	disk->free_later = kvcalloc(BITS_TO_LONGS(disk->nr_slots), sizeof(long), GFP_KERNEL);
	disk->free_later_summary =
		kvcalloc(BITS_TO_LONGS(DIV_ROUND_UP(disk->nr_slots,
						    BITS_PER_LONG * BITS_PER_LONG)),
			 sizeof(long), GFP_KERNEL);
	if (disk->free_later && disk->free_later_summary)
		return 0;
	mage_disk_free_slots(disk);
	return -ENOMEM;
}

/**
 * mage_disk_free_slots() - the end of that
 * @disk: a far device that is not in use, or whose init failed
 */
void mage_disk_free_slots(struct mage_disk *disk)
{
	kvfree(disk->free_later);
	kvfree(disk->free_later_summary);
	disk->free_later = NULL;
	disk->free_later_summary = NULL;
}
