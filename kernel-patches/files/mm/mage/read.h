/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a page is read from a far device, for somebody who waits for it.
 */
#ifndef _MM_MAGE_READ_H
#define _MM_MAGE_READ_H

#include <linux/errno.h>
#include <linux/mage_backend.h>
#include <linux/types.h>

struct mage_disk;
struct task_struct;

/**
 * enum mage_read_wait - what a read does about a device that is suspended
 * @MAGE_READ_NOW: it ends, for it can be had later
 * @MAGE_READ_KILLABLE: it waits, and ends when the thread is killed
 * @MAGE_READ_SURELY: it waits for as long as that takes.  A page that was not read must
 *	not be what its swap entry is taken for: in the swap cache others find it, and
 *	swapoff and shared memory put an entry in its place that says it is lost.
 */
enum mage_read_wait {
	MAGE_READ_NOW,
	MAGE_READ_KILLABLE,
	MAGE_READ_SURELY,
};

/**
 * struct mage_read - a page that is read, on the stack of the thread that waits for it
 * @batch: what the backend knows
 * @io: its element
 * @waiter: NULL at first; the thread, once it sleeps; then that the page has arrived,
 *	see read.c.  Each of them is exchanged for the next in one step.
 * @queue: of the backend's
 * @begin: local_clock() when it was posted, 0 if nobody wants to know
 */
struct mage_read {
	struct mage_read_batch batch;
	struct mage_io io;
	struct task_struct *waiter;
	unsigned int queue;
	u64 begin;
};

void mage_read_begin(struct mage_disk *disk, struct mage_read *read, struct page *page,
		     pgoff_t slot);
int mage_read_end(struct mage_disk *disk, struct mage_read *read, enum mage_read_wait wait);
int mage_disk_read(struct mage_disk *disk, struct page *page, pgoff_t slot,
		   enum mage_read_wait wait);
u64 mage_disk_slowest_read_ns(void);

/* Whether a read ended without a result because the device was suspended: no error of its. */
static inline bool mage_read_was_given_up(int err)
{
	return err == -EAGAIN || err == -EINTR;
}

#endif /* _MM_MAGE_READ_H */
