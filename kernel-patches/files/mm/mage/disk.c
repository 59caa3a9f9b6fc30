// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: far devices, which there are and which serve as swap.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/export.h>
#include <linux/printk.h>
#include <linux/swap.h>
#include "disk.h"

/* Protects mage_disks and the life of every far device. */
DEFINE_MUTEX(mage_disks_mutex);
LIST_HEAD(mage_disks);

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
 * mage_disk_set_type() - a swap type is a far device's, or is not any more
 * @type: the swap type
 * @disk: the device, with all that is set in it; NULL when the last entry of the
 *	type is gone
 */
void mage_disk_set_type(unsigned int type, struct mage_disk *disk)
{
	/* Whoever sees the device sees what was set in it. */
	smp_store_release(&mage_disk_types[type], disk);
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

/**
 * mage_disk_put_swap() - drop the reference of mage_disk_for_eviction()
 * @disk: what it returned
 */
void mage_disk_put_swap(struct mage_disk *disk)
{
	percpu_ref_put(&disk->si->users);
}

/**
 * mage_disk_read() - read one page and wait for it
 * @disk: the far device
 * @page: order-0 page
 * @slot: page index
 *
 * Return: 0 or a negative errno
 */
int mage_disk_read(struct mage_disk *disk, struct page *page, pgoff_t slot)
{
	int err = -EIO;

	if (!READ_ONCE(disk->dev.failed))
		err = disk->dev.ops->read(&disk->dev, page, slot);
	if (err)
		atomic_long_inc(&disk->read_errors);
	else
		atomic_long_inc(&disk->reads);
	return err;
}

void mage_device_fail(struct mage_device *dev, const char *why)
{
	struct mage_disk *disk = container_of(dev, struct mage_disk, dev);

	if (cmpxchg(&dev->failed, false, true))
		return;
	pr_err("mage%d: %s; pages whose only copy was there are lost\n", disk->index, why);
}
EXPORT_SYMBOL_GPL(mage_device_fail);
