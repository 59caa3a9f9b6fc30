// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: far devices, which there are and which serve as swap.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/export.h>
#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/timekeeping.h>
#include "../swap.h"
#include "disk.h"

/* Protects mage_disks and the life of every far device. */
DEFINE_MUTEX(mage_disks_mutex);
LIST_HEAD(mage_disks);

struct mage_disk *mage_disk_types[MAX_SWAPFILES];

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

/* Whether pages may be written to a far device; under RCU, as swapoff may be at it. */
static bool mage_disk_takes_pages(struct mage_disk *disk)
{
	return READ_ONCE(disk->si) && !READ_ONCE(disk->draining) &&
	       !READ_ONCE(disk->dev.failed) && !READ_ONCE(disk->dev.suspended);
}

/* Whether a far device that is swap does not answer, and may come back; under RCU. */
static bool mage_disk_may_come_back(struct mage_disk *disk)
{
	return READ_ONCE(disk->si) && !READ_ONCE(disk->draining) &&
	       !READ_ONCE(disk->dev.failed) && READ_ONCE(disk->dev.suspended);
}

/**
 * mage_disk_is_awaited() - whether there is a far device that may come back
 *
 * Who waits for room then waits for that as well: it has a time limit of its own.
 */
bool mage_disk_is_awaited(void)
{
	struct mage_disk *disk;
	bool found = false;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < MAX_SWAPFILES && !found; i++) {
		disk = mage_disk_of_type(i);
		found = disk && mage_disk_may_come_back(disk);
	}
	rcu_read_unlock();
	return found;
}

/**
 * mage_disk_has_turn() - whether the next pages that go are to go to a far device
 *
 * Return: false if stock swap would take slots of another kind of swap area next, by
 * the priorities of those that have any.  true also if none has: pages with a far
 * copy can go all the same.
 */
bool mage_disk_has_turn(void)
{
	u8 types[MAX_SWAPFILES];
	unsigned int i, nr = swap_types_in_turn(types);
	bool has_turn = true;

	rcu_read_lock();
	for (i = 0; i < nr; i++) {
		struct mage_disk *disk = mage_disk_of_type(types[i]);

		has_turn = disk && mage_disk_takes_pages(disk);
		/* One that does not take any is passed over. */
		if (!disk || has_turn)
			break;
	}
	rcu_read_unlock();
	return has_turn || i == nr;
}

/**
 * mage_disk_has_place() - whether there is a free slot somewhere that can be used
 *
 * Return: true also if it is in a swap area of another kind, or on a far device that may
 * come back
 */
bool mage_disk_has_place(void)
{
	u8 types[MAX_SWAPFILES];
	unsigned int i, nr = swap_types_in_turn(types);
	bool found = false;

	rcu_read_lock();
	for (i = 0; i < nr && !found; i++) {
		struct mage_disk *disk = mage_disk_of_type(types[i]);

		found = !disk || mage_disk_takes_pages(disk) || mage_disk_may_come_back(disk);
	}
	rcu_read_unlock();
	return found;
}

/* The far device behind a swap type, with a reference on its swap area; under RCU. */
static struct mage_disk *mage_disk_get_swap(unsigned int type)
{
	struct mage_disk *disk = mage_disk_of_type(type);
	struct swap_info_struct *si = disk ? READ_ONCE(disk->si) : NULL;

	if (!si || !mage_disk_takes_pages(disk) || !percpu_ref_tryget_live(&si->users))
		return NULL;
	return disk;
}

/**
 * mage_disk_for_eviction() - a far device to write to
 *
 * Return: of those that have free slots the one with the highest priority, and among
 * equals each in its turn; failing that one in use, where pages that have a slot can
 * still be written; with a reference on its swap area that mage_disk_put_swap()
 * drops.  NULL if there is none.
 */
struct mage_disk *mage_disk_for_eviction(void)
{
	u8 types[MAX_SWAPFILES];
	unsigned int i, nr = swap_types_in_turn(types);
	struct mage_disk *found = NULL;

	/* swapoff clears the entry, then waits a grace period. */
	rcu_read_lock();
	for (i = 0; i < nr && !found; i++)
		found = mage_disk_get_swap(types[i]);
	if (found)
		swap_area_had_turn(found->si);
	for (i = 0; i < MAX_SWAPFILES && !found; i++)
		found = mage_disk_get_swap(i);
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

/* Of so many reads one is timed, as the clock takes longer than all else here. */
#define MAGE_READS_TIMED	16

/* Timed reads of which what one takes is the mean, about. */
#define MAGE_READ_NS_OF		32

static void mage_disk_took(struct mage_disk *disk, unsigned long ns)
{
	unsigned long mean = READ_ONCE(disk->read_ns) ?: ns;

	/* Rounded up, so that it is never 0 again, and reaches what stays the same. */
	mean = DIV_ROUND_UP(mean * (MAGE_READ_NS_OF - 1) + ns, MAGE_READ_NS_OF);
	WRITE_ONCE(disk->read_ns, max(mean, 1UL));
}

/**
 * mage_disk_slowest_read_ns() - what reads take on the slowest far device in use
 *
 * Return: nanoseconds, 0 if nothing was read yet
 */
u64 mage_disk_slowest_read_ns(void)
{
	unsigned long slowest = 0;
	unsigned int type;

	/* Swapoff may be at it, and the device freed after a grace period. */
	rcu_read_lock();
	for (type = 0; type < MAX_SWAPFILES; type++) {
		struct mage_disk *disk = mage_disk_of_type(type);

		if (disk)
			slowest = max(slowest, READ_ONCE(disk->read_ns));
	}
	rcu_read_unlock();
	return slowest;
}

/*
 * Waits for a device that is suspended.  It has failed, or is back, after a time that its
 * backend limits.
 */
static int mage_disk_await(struct mage_disk *disk, enum mage_read_wait wait)
{
	if (wait == MAGE_READ_NOW)
		return -EAGAIN;
	/* Where the word that it is back has yet to arrive this returns at once. */
	cond_resched();
	if (wait == MAGE_READ_SURELY) {
		wait_event_idle(disk->resumed, !READ_ONCE(disk->dev.suspended));
		return 0;
	}
	return wait_event_killable(disk->resumed, !READ_ONCE(disk->dev.suspended)) ? -EINTR : 0;
}

/**
 * mage_disk_read() - read one page and wait for it
 * @disk: the far device
 * @page: order-0 page
 * @slot: page index
 * @wait: what to do while the device is suspended
 *
 * Return: 0 or a negative errno: -EAGAIN if it was suspended, -EINTR if the thread was
 * killed while it waited for it to come back
 */
int mage_disk_read(struct mage_disk *disk, struct page *page, pgoff_t slot,
		   enum mage_read_wait wait)
{
	bool timed = !(atomic_long_read(&disk->reads) % MAGE_READS_TIMED);
	u64 begin = 0;
	int err;

	do {
		err = -EIO;
		if (timed)
			begin = local_clock();
		if (!READ_ONCE(disk->dev.failed))
			err = disk->dev.ops->read(&disk->dev, page, slot);
		if (likely(err != -EAGAIN))
			break;
		err = mage_disk_await(disk, wait);
	} while (!err);
	if (!err) {
		/* A read that slept may end on a CPU whose clock is a little behind. */
		if (timed)
			mage_disk_took(disk, max_t(s64, local_clock() - begin, 0));
		atomic_long_inc(&disk->reads);
	} else if (!mage_read_was_given_up(err)) {
		atomic_long_inc(&disk->read_errors);
	}
	return err;
}

void mage_device_suspend(struct mage_device *dev, const char *why)
{
	struct mage_disk *disk = container_of(dev, struct mage_disk, dev);
	unsigned long flags;
	bool changes;

	spin_lock_irqsave(&disk->state_lock, flags);
	changes = !dev->failed && !dev->suspended;
	if (changes) {
		strscpy(disk->why, why);
		disk->since_ns = ktime_get_boottime_ns();
		disk->suspensions++;
		WRITE_ONCE(dev->suspended, true);
	}
	spin_unlock_irqrestore(&disk->state_lock, flags);
	if (changes)
		pr_warn("mage%d: %s; suspended\n", disk->index, why);
}
EXPORT_SYMBOL_GPL(mage_device_suspend);

void mage_device_resume(struct mage_device *dev)
{
	struct mage_disk *disk = container_of(dev, struct mage_disk, dev);
	unsigned long flags;
	u64 ms = 0;
	bool changes;

	spin_lock_irqsave(&disk->state_lock, flags);
	changes = !dev->failed && dev->suspended;
	if (changes) {
		ms = div_u64(ktime_get_boottime_ns() - disk->since_ns, NSEC_PER_MSEC);
		disk->why[0] = '\0';
		WRITE_ONCE(dev->suspended, false);
	}
	spin_unlock_irqrestore(&disk->state_lock, flags);
	if (!changes)
		return;
	wake_up_all(&disk->resumed);
	pr_info("mage%d: back after %llu ms\n", disk->index, ms);
}
EXPORT_SYMBOL_GPL(mage_device_resume);

void mage_device_fail(struct mage_device *dev, const char *why)
{
	struct mage_disk *disk = container_of(dev, struct mage_disk, dev);
	unsigned long flags;
	bool changes;

	spin_lock_irqsave(&disk->state_lock, flags);
	changes = !dev->failed;
	if (changes) {
		strscpy(disk->why, why);
		disk->since_ns = ktime_get_boottime_ns();
		WRITE_ONCE(dev->failed, true);
		/* In this order: who waits for the second then finds the first. */
		smp_store_release(&dev->suspended, false);
	}
	spin_unlock_irqrestore(&disk->state_lock, flags);
	if (!changes)
		return;
	wake_up_all(&disk->resumed);
	pr_err("mage%d: %s; pages whose only copy was there are lost\n", disk->index, why);
}
EXPORT_SYMBOL_GPL(mage_device_fail);
