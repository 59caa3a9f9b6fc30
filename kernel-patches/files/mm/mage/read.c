// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a page is read from a far device, for somebody who waits for it.
 *
 * The read is posted first and waited for later, so that there is something to do
 * in between.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/smp.h>
#include <linux/wait.h>
#include "checksum.h"
#include "disk.h"
#include "read.h"

/* In the place of the thread that waits. */
#define MAGE_READ_ARRIVED	((struct task_struct *)1)

/* A read that takes as long as that never ends, by all experience. */
#define MAGE_READ_OVERDUE	(30 * HZ)

/* A page that comes with other bytes each time, none of them right, is read so often. */
#define MAGE_READ_TRIES		8

/* Of so many reads, a power of two, one is timed: the clock takes longer than all else here. */
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

/* Whether there is nothing to wait for: who asks gets an answer. */
static bool mage_disk_answers(struct mage_disk *disk, pgoff_t slot)
{
	/* Where pages may be there and others not, what the device is says nothing of one. */
	if (mage_disk_looks(disk))
		return mage_disk_look(disk, slot) != -EAGAIN;
	return !READ_ONCE(disk->dev.suspended);
}

/*
 * Waits for a device that is suspended, or that part of it where the page is.  It has failed,
 * or is back, after a time that its backend limits.
 */
static int mage_disk_await(struct mage_disk *disk, pgoff_t slot, enum mage_read_wait wait)
{
	if (wait == MAGE_READ_NOW)
		return -EAGAIN;
	/* Where the word that it is back has yet to arrive this returns at once. */
	cond_resched();
	if (wait == MAGE_READ_SURELY) {
		wait_event_idle(disk->resumed, mage_disk_answers(disk, slot));
		return 0;
	}
	return wait_event_killable(disk->resumed, mage_disk_answers(disk, slot)) ? -EINTR : 0;
}

/*
 * A read is gone as soon as its thread sees that it has arrived, and soon the thread may be,
 * too: the structure stays for a grace period.  A thread that goes on by itself is woken
 * once for nothing, at worst.
 */
static void mage_read_arrived(struct mage_read_batch *batch, unsigned int nr)
{
	struct mage_read *read = container_of(batch, struct mage_read, batch);
	struct task_struct *waiter;

	rcu_read_lock();
	/* A full barrier: who sees it sees the page and its error. */
	waiter = xchg(&read->waiter, MAGE_READ_ARRIVED);
	if (waiter)
		wake_up_process(waiter);
	rcu_read_unlock();
}

static bool mage_read_has_arrived(struct mage_read *read)
{
	/* Pairs with mage_read_arrived(). */
	return smp_load_acquire(&read->waiter) == MAGE_READ_ARRIVED;
}

/* Posts it: it arrives sooner or later, if only with an error. */
static inline void mage_read_submit(struct mage_disk *disk, struct mage_read *read)
{
	struct mage_device *dev = &disk->dev;

	read->waiter = NULL;
	if (unlikely(READ_ONCE(dev->failed)) && !mage_disk_looks(disk)) {
		read->io.error = -EIO;
		read->waiter = MAGE_READ_ARRIVED;
		return;
	}
	while (unlikely(!dev->ops->submit_reads(dev, read->queue, &read->batch, true)))
		dev->ops->await_reads(dev, read->queue);
}

/**
 * mage_read_begin() - post the read of a page
 * @disk: the far device
 * @read: the read, on the stack
 * @page: order-0 page, the backend's until mage_read_end()
 * @slot: page index
 *
 * mage_read_end() has to follow.  May sleep, until the device takes it.
 */
void mage_read_begin(struct mage_disk *disk, struct mage_read *read, struct page *page,
		     pgoff_t slot)
{
	read->batch.nr = 1;
	read->batch.io = &read->io;
	read->batch.arrived = mage_read_arrived;
	read->io.page = page;
	read->io.slot = slot;
	read->queue = raw_smp_processor_id();
	read->begin = 0;
	if (!(this_cpu_read(*disk->reads) & (MAGE_READS_TIMED - 1)))
		read->begin = local_clock();
	mage_read_submit(disk, read);
	/* What follows, up to the end of the wait, is not the device's time. */
	if (unlikely(read->begin) && mage_read_has_arrived(read)) {
		if (!read->io.error)
			mage_disk_took(disk, max_t(s64, local_clock() - read->begin, 0));
		read->begin = 0;
	}
}

static bool mage_read_poll(struct mage_device *dev, struct mage_read *read, bool sleeps)
{
	if (dev->ops->poll_reads)
		dev->ops->poll_reads(dev, read->queue, sleeps);
	return mage_read_has_arrived(read);
}

/* Polls for as long as the backend finds sensible. */
static bool mage_read_spin(struct mage_device *dev, struct mage_read *read, u32 spin_ns)
{
	u64 end = ktime_get_ns() + spin_ns;

	do {
		cpu_relax();
		if (mage_read_poll(dev, read, false))
			return true;
	} while (ktime_get_ns() < end);
	return false;
}

/*
 * Half a minute is over.  A page that is found only now had arrived, most likely, and who
 * should have told of it tells of none: the backend is to see to that, too.
 */
static void mage_read_is_overdue(struct mage_device *dev, struct mage_read *read)
{
	if (mage_read_poll(dev, read, true))
		pr_warn_once("a page was found %d s after it had been asked for\n",
			     MAGE_READ_OVERDUE / HZ);
	if (dev->ops->overdue_reads)
		dev->ops->overdue_reads(dev);
}

/* Who lets it arrive wakes this thread. */
static void mage_read_sleep(struct mage_device *dev, struct mage_read *read)
{
	if (cmpxchg(&read->waiter, NULL, current) || mage_read_poll(dev, read, true)) {
		read->begin = 0;
		return;
	}
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (mage_read_has_arrived(read))
			break;
		/*
		 * The page is the backend's until the read is final, however late that is.
		 * A thread that was woken in time may run late.
		 */
		if (!io_schedule_timeout(MAGE_READ_OVERDUE) && !mage_read_has_arrived(read))
			mage_read_is_overdue(dev, read);
	}
	__set_current_state(TASK_RUNNING);
}

/* Apart, as all that follows is for a device that takes its time. */
static noinline void mage_read_await(struct mage_device *dev, struct mage_read *read)
{
	u32 spin_ns = READ_ONCE(dev->read_spin_ns);

	if (spin_ns && mage_read_poll(dev, read, false))
		read->begin = 0;
	else if (!spin_ns || !mage_read_spin(dev, read, spin_ns))
		mage_read_sleep(dev, read);
}

/* Posts a read that is over once more, and waits for it. */
static void mage_read_again(struct mage_disk *disk, struct mage_read *read)
{
	read->batch.nr = 1;
	read->begin = 0;
	mage_read_submit(disk, read);
	if (!mage_read_has_arrived(read))
		mage_read_await(&disk->dev, read);
}

/* A read that ended with an error; posted again for as long as the device was suspended. */
static noinline int mage_read_retry(struct mage_disk *disk, struct mage_read *read,
				    enum mage_read_wait wait)
{
	int err;

	while (read->io.error == -EAGAIN) {
		err = mage_disk_await(disk, read->io.slot, wait);
		if (err)
			return err;
		mage_read_again(disk, read);
	}
	read->begin = 0;
	if (read->io.error)
		atomic_long_inc(&disk->read_errors);
	return read->io.error;
}

/*
 * Compares what was read with what was written.  A page that does not fit is read once more,
 * as it may have come to harm on the way; from elsewhere if there is another copy.  It is lost
 * if the same bytes come again, or others too often.  If there is another checksum by now,
 * somebody who does not mark the slot reads it while it is being written, as a program that
 * has the block device open.
 */
static noinline int mage_read_verify(struct mage_disk *disk, struct mage_read *read,
				     enum mage_read_wait wait)
{
	u32 want, came, before = MAGE_CHECKSUM_NONE, came_before = MAGE_CHECKSUM_NONE;
	pgoff_t slot = read->io.slot;
	unsigned int tries = 0;
	bool lost, blamed;
	int err;

	while (unlikely(!mage_checksum_fits(disk, read->io.page, slot, &want))) {
		came = mage_checksum_of(read->io.page, slot);
		/* What comes from elsewhere next is not compared with this. */
		lost = want == before && (came == came_before || ++tries == MAGE_READ_TRIES);
		blamed = mage_disk_blame(disk, &read->batch, slot, lost);
		if (lost && !blamed) {
			pr_err_ratelimited("mage%d: slot %lu holds something else than was written there; the page is lost\n",
					   disk->index, slot);
			atomic_long_inc(&disk->read_errors);
			return -EILSEQ;
		}
		pr_warn_ratelimited("mage%d: slot %lu: what was read is not what was written; it is read once more\n",
				    disk->index, slot);
		before = blamed ? MAGE_CHECKSUM_NONE : want;
		came_before = came;
		mage_read_again(disk, read);
		err = read->io.error ? mage_read_retry(disk, read, wait) : 0;
		if (err)
			return err;
	}
	return 0;
}

/**
 * mage_read_end() - wait for a page that is being read
 * @disk: the far device
 * @read: what mage_read_begin() was given
 * @wait: what to do while the device is suspended
 *
 * Return: 0 or a negative errno: -EAGAIN if it was suspended, -EINTR if the thread was
 * killed while it waited for it to come back, -EILSEQ if the page is not what was written
 */
int mage_read_end(struct mage_disk *disk, struct mage_read *read, enum mage_read_wait wait)
{
	int err;

	/* When, nobody knows then, as there was something else to do. */
	if (mage_read_has_arrived(read))
		read->begin = 0;
	else
		mage_read_await(&disk->dev, read);
	err = read->io.error;
	if (unlikely(err))
		err = mage_read_retry(disk, read, wait);
	if (unlikely(err))
		return err;
	/* A read that slept may end on a CPU whose clock is a little behind. */
	if (unlikely(read->begin))
		mage_disk_took(disk, max_t(s64, local_clock() - read->begin, 0));
	if (mage_disk_has_checksums(disk)) {
		err = mage_read_verify(disk, read, wait);
		if (unlikely(err))
			return err;
	}
	this_cpu_inc(*disk->reads);
	return 0;
}

/**
 * mage_disk_read() - read one page and wait for it
 * @disk: the far device
 * @page: order-0 page
 * @slot: page index
 * @wait: what to do while the device is suspended
 *
 * Return: as mage_read_end()
 */
int mage_disk_read(struct mage_disk *disk, struct page *page, pgoff_t slot,
		   enum mage_read_wait wait)
{
	/* To clear it first would be in vain. */
	struct mage_read read __uninitialized;

	mage_read_begin(disk, &read, page, slot);
	return mage_read_end(disk, &read, wait);
}
