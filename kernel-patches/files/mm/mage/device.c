// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: far devices, connected and disconnected.
 */
#include <linux/blkdev.h>
#include <linux/idr.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "device.h"
#include "backend.h"
#include "block.h"
#include "checksum.h"
#include "disk.h"
#include "ghost.h"
#include "slot.h"

static DEFINE_IDA(mage_disk_ids);

/**
 * mage_disk_connect() - make a far device
 * @backend: name of the backend
 * @to: what to connect to
 * @extack: for a sentence about what went wrong
 *
 * Takes as long as the backend does, without a lock that others would wait for.
 *
 * Return: the device, which nobody but the block layer finds before
 * mage_disk_publish(), or an error, with nothing left behind
 */
struct mage_disk *mage_disk_connect(const char *backend, const struct mage_connect *to,
				    struct netlink_ext_ack *extack)
{
	struct mage_disk *disk;
	int err;

	if (!to->size || !PAGE_ALIGNED(to->size)) {
		NL_SET_ERR_MSG(extack, "the size must be a page multiple and not zero");
		return ERR_PTR(-EINVAL);
	}
	if (to->size >> PAGE_SHIFT > U32_MAX) {
		NL_SET_ERR_MSG(extack, "a far device holds at most 16 TiB");
		return ERR_PTR(-EFBIG);
	}
	disk = kzalloc(sizeof(*disk), GFP_KERNEL);
	if (!disk)
		return ERR_PTR(-ENOMEM);
	disk->reads = alloc_percpu(unsigned long);
	if (!disk->reads) {
		err = -ENOMEM;
		goto free;
	}
	disk->dev.size = to->size;
	disk->dev.nr_write_queues = 1;
	spin_lock_init(&disk->state_lock);
	init_waitqueue_head(&disk->resumed);
	mage_disk_init_works(disk);
	disk->to = *to;
	memzero_explicit(disk->to.secret, sizeof(disk->to.secret));
	disk->to.legs = NULL;
	disk->dev.ops = mage_backend_get(backend);
	if (!disk->dev.ops) {
		NL_SET_ERR_MSG(extack, "this kernel has no such backend");
		err = -ENODEV;
		goto free;
	}
	err = mage_disk_init_slots(disk);
	if (err)
		goto put_backend;
	if (to->checksums && mage_checksums_init(disk)) {
		NL_SET_ERR_MSG(extack, "not enough free memory for the checksums of so many pages");
		err = -ENOMEM;
		goto free_slots;
	}
	err = mage_ghosts_init(disk);
	if (err)
		goto free_checksums;
	disk->index = ida_alloc(&mage_disk_ids, GFP_KERNEL);
	if (disk->index < 0) {
		err = disk->index;
		goto free_ghosts;
	}
	err = disk->dev.ops->connect(&disk->dev, to, extack);
	if (err)
		goto free_index;
	err = mage_block_add(disk);
	if (err) {
		NL_SET_ERR_MSG(extack, "the block device could not be made");
		goto disconnect;
	}
	return disk;

disconnect:
	disk->dev.ops->disconnect(&disk->dev);
free_index:
	cancel_work_sync(&disk->offer_work);
	ida_free(&mage_disk_ids, disk->index);
free_ghosts:
	mage_ghosts_free(disk);
free_checksums:
	mage_checksums_free(disk);
free_slots:
	mage_disk_free_slots(disk);
put_backend:
	mage_backend_put(disk->dev.ops);
free:
	free_percpu(disk->reads);
	kfree(disk);
	return ERR_PTR(err);
}

/**
 * mage_disk_publish() - a far device that was made is one of those that there are
 * @disk: what mage_disk_connect() returned
 *
 * The caller holds mage_disks_mutex.
 */
void mage_disk_publish(struct mage_disk *disk)
{
	lockdep_assert_held(&mage_disks_mutex);
	list_add_tail(&disk->all, &mage_disks);
	enable_work(&disk->event_work);
}

/* Takes a far device that nobody uses off the list, so that nobody finds it any more. */
static struct mage_disk *mage_disk_withdraw(unsigned int index, struct netlink_ext_ack *extack)
{
	struct mage_disk *disk = NULL, *other;

	guard(mutex)(&mage_disks_mutex);
	list_for_each_entry(other, &mage_disks, all)
		if (other->index == index)
			disk = other;
	if (!disk) {
		NL_SET_ERR_MSG(extack, "there is no such far device");
		return ERR_PTR(-ENODEV);
	}
	if (disk->pins) {
		NL_SET_ERR_MSG(extack, "a leg of the far device is being added or removed");
		return ERR_PTR(-EBUSY);
	}
	if (READ_ONCE(disk->si)) {
		NL_SET_ERR_MSG(extack, "the far device is active as swap; swapoff it first");
		return ERR_PTR(-EBUSY);
	}
	mutex_lock(&disk->disk->open_mutex);
	if (disk_openers(disk->disk)) {
		mutex_unlock(&disk->disk->open_mutex);
		NL_SET_ERR_MSG(extack, "the far device is open; close it first");
		return ERR_PTR(-EBUSY);
	}
	/* Under open_mutex: nobody opens it from now on. */
	disk->closing = true;
	mutex_unlock(&disk->disk->open_mutex);
	list_del(&disk->all);
	return disk;
}

/**
 * mage_disk_disconnect() - remove a far device
 * @index: N of /dev/mageN
 * @extack: for a sentence about what went wrong
 *
 * Like connecting, it takes as long as the backend does.
 *
 * Return: 0; -ENODEV for no such device; -EBUSY while it is in use
 */
int mage_disk_disconnect(unsigned int index, struct netlink_ext_ack *extack)
{
	struct mage_disk *disk = mage_disk_withdraw(index, extack);

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	/* It looks at what the backend has. */
	disable_work_sync(&disk->event_work);
	mage_block_remove(disk);
	disk->dev.ops->disconnect(&disk->dev);
	/* The backend may have had something to say of the device to the last. */
	cancel_work_sync(&disk->offer_work);
	ida_free(&mage_disk_ids, disk->index);
	mage_ghosts_free(disk);
	mage_checksums_free(disk);
	mage_disk_free_slots(disk);
	mage_backend_put(disk->dev.ops);
	free_percpu(disk->reads);
	kfree(disk);
	return 0;
}
