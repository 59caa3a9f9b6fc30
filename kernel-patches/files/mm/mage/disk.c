// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: far devices, which there are and which serve as swap.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/export.h>
#include <linux/init.h>
#include <linux/mage.h>
#include <linux/math64.h>
#include <linux/percpu.h>
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

DEFINE_STATIC_KEY_FALSE(mage_slots_differ);

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

/* For the works of devices: others wait for the room they make, so one thread is in reserve. */
static struct workqueue_struct *mage_disk_queue;

/**
 * mage_disk_queue_work() - queue a work of a far device
 * @work: waits for no I/O and for no memory
 *
 * Any context.
 */
void mage_disk_queue_work(struct work_struct *work)
{
	queue_work(mage_disk_queue, work);
}

int __init mage_disk_init(void)
{
	mage_disk_queue = alloc_workqueue("mage_disk", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return mage_disk_queue ? 0 : -ENOMEM;
}

/*
 * In swapfile.c every change of what slots are taken from is made under the lock of the
 * swap area, after a look here.  The state is changed without that lock, before the work
 * is queued: so the look, or the work that comes after it, finds the new state.
 *
 * The lock is a spinlock, and swapoff waits a grace period: the device does not go.
 */
bool __mage_swap_is_away(struct swap_info_struct *si)
{
	return mage_type_is_away(si->type);
}

static void mage_offer_work(struct work_struct *work)
{
	struct mage_disk *disk = container_of(work, struct mage_disk, offer_work);
	/*
	 * swapon sets it before it looks whether the area is away, with a full barrier
	 * between.  swapoff clears it, then waits for this work.
	 */
	struct swap_info_struct *si = READ_ONCE(disk->si);

	/* Slots that CPUs have in store would still be given to pages. */
	if (si && swap_area_offer(si))
		swap_slots_drain();
}

/* Set once, before there is a far device. */
static void (*mage_disk_listener)(struct mage_disk *disk);

/**
 * mage_disk_set_listener() - have somebody told of what changes
 * @listener: called for a device, one call after the other, in a context that may sleep
 */
void mage_disk_set_listener(void (*listener)(struct mage_disk *disk))
{
	WRITE_ONCE(mage_disk_listener, listener);
}

static void mage_event_work(struct work_struct *work)
{
	void (*listener)(struct mage_disk *disk) = READ_ONCE(mage_disk_listener);

	if (listener)
		listener(container_of(work, struct mage_disk, event_work));
}

/* It allocates memory, and nobody waits for it. */
static void mage_disk_tell(struct mage_disk *disk)
{
	queue_work(system_unbound_wq, &disk->event_work);
}

/**
 * mage_disk_init_works() - be ready for a device that does not answer
 * @disk: the far device
 */
void mage_disk_init_works(struct mage_disk *disk)
{
	INIT_WORK(&disk->offer_work, mage_offer_work);
	INIT_WORK(&disk->event_work, mage_event_work);
	/* Until it is one of those that there are. */
	disable_work(&disk->event_work);
}

/* Whether a far device that is swap does not answer, and may come back; under RCU. */
static bool mage_disk_may_come_back(struct mage_disk *disk)
{
	return READ_ONCE(disk->si) && !READ_ONCE(disk->draining) &&
	       !READ_ONCE(disk->dev.failed) && READ_ONCE(disk->dev.suspended);
}

/* Whether some far device may come back; with @room, one that has free slots. */
static bool mage_disk_any_may_come_back(bool room)
{
	struct mage_disk *disk;
	bool found = false;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < MAX_SWAPFILES && !found; i++) {
		disk = mage_disk_of_type(i);
		found = disk && mage_disk_may_come_back(disk) &&
			(!room || READ_ONCE(disk->si->highest_bit));
	}
	rcu_read_unlock();
	return found;
}

/*
 * Whether there is a free slot that can be used now.  Of a far device its state tells: one that
 * is just back is listed a little later, by the work, and takes pages before that.
 */
static bool mage_disk_has_place_now(void)
{
	u8 types[MAX_SWAPFILES];
	unsigned int i, nr = swap_types_in_turn(types);
	struct mage_disk *disk;
	bool found = false;

	rcu_read_lock();
	for (i = 0; i < nr && !found; i++)
		found = !mage_disk_of_type(types[i]);
	for (i = 0; i < MAX_SWAPFILES && !found; i++) {
		disk = mage_disk_of_type(i);
		found = disk && mage_disk_takes_pages(disk) && READ_ONCE(disk->si->highest_bit);
	}
	rcu_read_unlock();
	return found;
}

/**
 * mage_disk_is_awaited() - whether nothing can be evicted before a far device is back
 *
 * Who waits for room then waits for that as well: it has a time limit of its own.
 *
 * Return: false if no far device is suspended, and also if there is a free slot in another
 * swap area, where the pages can go meanwhile
 */
bool mage_disk_is_awaited(void)
{
	return mage_disk_any_may_come_back(false) && !mage_disk_has_place_now();
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
	return mage_disk_has_place_now() || mage_disk_any_may_come_back(true);
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

/**
 * mage_disk_reads() - how many pages were read
 * @disk: a far device
 *
 * Return: the number, of which those are missing that are read meanwhile
 */
unsigned long mage_disk_reads(const struct mage_disk *disk)
{
	unsigned long reads = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		reads += READ_ONCE(*per_cpu_ptr(disk->reads, cpu));
	return reads;
}

void mage_device_suspend(struct mage_device *dev, const char *why)
{
	struct mage_disk *disk = container_of(dev, struct mage_disk, dev);
	unsigned long flags;
	bool changes;

	if (dev->owner) {
		dev->owner->suspend(dev, why);
		return;
	}
	spin_lock_irqsave(&disk->state_lock, flags);
	changes = !dev->failed && !dev->suspended;
	if (changes) {
		strscpy(disk->why, why);
		disk->since_ns = ktime_get_boottime_ns();
		disk->suspensions++;
		WRITE_ONCE(dev->suspended, true);
	}
	spin_unlock_irqrestore(&disk->state_lock, flags);
	if (!changes)
		return;
	mage_disk_queue_work(&disk->offer_work);
	mage_disk_tell(disk);
	pr_warn("mage%d: %s; suspended\n", disk->index, why);
}
EXPORT_SYMBOL_GPL(mage_device_suspend);

void mage_device_resume(struct mage_device *dev)
{
	struct mage_disk *disk = container_of(dev, struct mage_disk, dev);
	unsigned long flags;
	u64 ms = 0;
	bool changes;

	if (dev->owner) {
		dev->owner->resume(dev);
		return;
	}
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
	mage_disk_queue_work(&disk->offer_work);
	mage_disk_tell(disk);
	wake_up_all(&disk->resumed);
	pr_info("mage%d: back after %llu ms\n", disk->index, ms);
}
EXPORT_SYMBOL_GPL(mage_device_resume);

void mage_device_fail(struct mage_device *dev, const char *why)
{
	struct mage_disk *disk = container_of(dev, struct mage_disk, dev);
	unsigned long flags;
	bool changes;

	if (dev->owner) {
		dev->owner->fail(dev, why);
		return;
	}
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
	mage_disk_queue_work(&disk->offer_work);
	mage_disk_tell(disk);
	wake_up_all(&disk->resumed);
	pr_err("mage%d: %s; pages whose only copy was there are lost\n", disk->index, why);
}
EXPORT_SYMBOL_GPL(mage_device_fail);

void mage_device_may_read(struct mage_device *dev)
{
	wake_up_all(&container_of(dev, struct mage_disk, dev)->resumed);
}
EXPORT_SYMBOL_GPL(mage_device_may_read);

void mage_device_changed(struct mage_device *dev)
{
	mage_disk_tell(container_of(dev, struct mage_disk, dev));
}
EXPORT_SYMBOL_GPL(mage_device_changed);
