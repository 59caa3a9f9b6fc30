/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: far devices.
 */
#ifndef _MM_MAGE_DISK_H
#define _MM_MAGE_DISK_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mage_backend.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "knobs.h"

struct gendisk;
struct mage_ghost_record;
struct swap_info_struct;

/**
 * struct mage_disk - a far device: block device, backend and swap area
 * @dev: the part that the backend knows
 * @reads: pages read.  By CPU, so that a fault writes to no line of others
 * @checksums: of what each slot holds, see checksum.c; NULL if none are kept.  Set before the
 *	device is in use
 * @to: what it is connected to, without the secret
 * @index: N of /dev/mageN
 * @disk: the block device
 * @closing: it is being removed and cannot be opened; under its open_mutex
 * @all: on mage_disks, under mage_disks_mutex
 * @si: swap area that the device serves, or NULL.  Written by swapon and
 *	swapoff; readers take a reference with percpu_ref_tryget_live(&si->users)
 * @state_lock: protects changes of the device's suspended and failed, @why, @since_ns
 *	and @suspensions
 * @offer_work: has slots taken from @si or not, by whether the device is suspended or
 *	has failed, in a context that may take the swap locks
 * @event_work: tells who listens that something has changed; disabled but while the device is
 *	on @all
 * @pins: changes of its legs that are under way, so that it stays; under mage_disks_mutex
 * @resumed: woken when the device is not suspended any more, or pages may be there
 * @why: why it is suspended, or has failed
 * @since_ns: when that began, ktime_get_boottime_ns()
 * @suspensions: how often it was suspended
 * @draining: swapoff is under way: no frame keeps a slot, no slot is taken
 * @ghosts: what is remembered of pages by slot, see ghost.c
 * @free_later: slots whose frames are gone, to be given back by @free_work;
 *	one bit a slot
 * @free_later_summary: one bit for each BITS_PER_LONG words of @free_later
 * @nr_slots: bits in @free_later
 * @free_work: gives slots back in a context that may take the swap locks
 * @read_ns: what reads of late have taken, a running mean; 0 before the first.  Reads race
 *	here, and one's share may be lost: it is an estimate
 * @mismatches: pages that were read and did not fit their checksum
 * @writes: pages written
 * @read_errors: pages that could not be read
 * @write_errors: pages that could not be written
 *
 * What each fault reads, @dev, @reads and @checksums, is one line, and nobody writes to it
 * while the device is well.  What evictors and faults count is on lines of its own.
 */
struct mage_disk {
	struct mage_device dev;
	unsigned long __percpu *reads;
	u32 *checksums;
	struct mage_connect to;
	int index;
	struct gendisk *disk;
	bool closing;
	struct list_head all;
	struct swap_info_struct *si;
	spinlock_t state_lock;	/* held for moments, taken in softirq too */
	struct work_struct offer_work;
	struct work_struct event_work;
	unsigned int pins;
	wait_queue_head_t resumed;
	char why[160];
	u64 since_ns;
	unsigned long suspensions;
	bool draining;
	struct mage_ghost_record **ghosts;
	unsigned long *free_later;
	unsigned long *free_later_summary;
	unsigned long nr_slots;
	struct work_struct free_work;
	unsigned long read_ns ____cacheline_aligned_in_smp;
	atomic_long_t mismatches;
	atomic_long_t writes;
	atomic_long_t read_errors;
	atomic_long_t write_errors;
};

extern struct list_head mage_disks;
extern struct mutex mage_disks_mutex;

int mage_disk_init(void);
void mage_disk_queue_work(struct work_struct *work);
void mage_disk_init_works(struct mage_disk *disk);
void mage_disk_set_listener(void (*listener)(struct mage_disk *disk));
void mage_disk_set_type(unsigned int type, struct mage_disk *disk);
bool mage_disk_has_turn(void);
bool mage_disk_has_place(void);
bool mage_disk_is_awaited(void);
struct mage_disk *mage_disk_for_eviction(void);
void mage_disk_put_swap(struct mage_disk *disk);
unsigned long mage_disk_reads(const struct mage_disk *disk);

/*
 * Far devices by swap type, for the fault path.  Set by swapon before the first
 * entry of the type exists, cleared by swapoff after the last one is gone.
 */
extern struct mage_disk *mage_disk_types[MAX_SWAPFILES];

/*
 * The far device behind swap entries of a type, of which the caller has one that cannot
 * go away; NULL if it is another swap area's.
 */
static inline struct mage_disk *mage_disk_of_type(unsigned int type)
{
	return READ_ONCE(mage_disk_types[type]);
}

/* On while there is a device of which some pages may be there and others not. */
DECLARE_STATIC_KEY_FALSE(mage_slots_differ);

/* Whether pages of a device may be there and others not. */
static inline bool mage_disk_looks(const struct mage_disk *disk)
{
	return static_branch_unlikely(&mage_slots_differ) && disk->dev.ops->look;
}

/**
 * mage_disk_look() - whether a page can be read, on a device that neither is suspended nor
 * has failed
 * @disk: the far device
 * @slot: page index
 *
 * Return: 0, -EAGAIN or -EIO, see look() of struct mage_backend_ops
 */
static inline int mage_disk_look(struct mage_disk *disk, pgoff_t slot)
{
	return mage_disk_looks(disk) ? disk->dev.ops->look(&disk->dev, slot) : 0;
}

/**
 * mage_disk_blame() - a page that was read is not what was written
 * @disk: the far device
 * @batch: which has read it, and has arrived
 * @slot: page index
 * @sure: it came in vain more than once
 *
 * Return: whether there is another copy, which is read if the page is read again
 */
static inline bool mage_disk_blame(struct mage_disk *disk, struct mage_read_batch *batch,
				   pgoff_t slot, bool sure)
{
	return static_branch_unlikely(&mage_slots_differ) && disk->dev.ops->blame &&
	       disk->dev.ops->blame(&disk->dev, batch, slot, sure);
}

/*
 * Clean far copies are kept while more than a quarter of the far device is
 * free, so that they never stand in the way of an eviction.
 */
static inline bool mage_disk_may_keep(const struct mage_disk *disk)
{
	return READ_ONCE(mage_knobs.keep_clean) && !READ_ONCE(disk->draining) &&
	       !READ_ONCE(disk->dev.failed) &&
	       READ_ONCE(disk->si->inuse_pages) < disk->si->pages / 4 * 3;
}

/* The same of a page whose swap entry the caller has.  One of zeroes is on no device. */
static inline int mage_slot_look(struct mage_disk *disk, pgoff_t slot)
{
	if (!mage_disk_looks(disk) || test_bit(slot, disk->si->zeromap))
		return 0;
	return disk->dev.ops->look(&disk->dev, slot);
}

/* Whether a page, whose swap entry the caller has, has to be waited for. */
static inline bool mage_slot_is_suspended(unsigned int type, pgoff_t slot)
{
	struct mage_disk *disk = mage_disk_of_type(type);

	return disk && (READ_ONCE(disk->dev.suspended) || mage_slot_look(disk, slot) == -EAGAIN);
}

/* The same of a device that is suspended or has failed. */
static inline bool mage_type_is_away(unsigned int type)
{
	struct mage_disk *disk = mage_disk_of_type(type);

	return disk && (READ_ONCE(disk->dev.failed) || READ_ONCE(disk->dev.suspended));
}

#endif /* _MM_MAGE_DISK_H */
