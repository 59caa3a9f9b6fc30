// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the "dram" backend, an emulated remote memory in local RAM.
 *
 * For tests and for measurements: each operation can take a set time and share
 * a set bandwidth, as if it went over a wire, and go wrong (dram_faults.c).
 */
#include <linux/bits.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mage_backend.h>
#include <linux/minmax.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "dram.h"
#include "dram_faults.h"
#include "knobs.h"

/* Waits shorter than this are spun, since a sleep takes as long. */
#define MAGE_DRAM_SPIN_NS	(20 * NSEC_PER_USEC)

/* Pages under way that a queue has room for; what somebody waits for goes on top. */
#define MAGE_DRAM_READS		128U

/**
 * struct mage_dram_queue - reads on their way
 * @dram: where from
 * @lock: protects all that follows, and batches while they are in @reads.  It is held
 *	while arrivals are told, so that these come in order
 * @reads: batches, by the time when their next page arrives
 * @nr: their pages that have not arrived; read without the lock, see mage_dram_accept()
 * @timer: lets arrive what nobody polls for.  It is started when it has to be and not
 *	stopped when others came first, so that a page that is polled for costs none
 * @armed: it has been started, or is about to start itself again
 */
struct mage_dram_queue {
	struct mage_dram *dram;
	spinlock_t lock;	/* held for moments, taken in softirq too */
	struct list_head reads;
	unsigned int nr;
	struct hrtimer timer;
	bool armed;
} ____cacheline_aligned_in_smp;

/**
 * struct mage_dram - emulated remote memory
 * @queues: for reads, one a CPU
 * @pages: its pages
 * @nr: how many
 * @latency_ns: what each operation takes
 * @ns_per_page: what the wire takes for a page, 0 for no limit
 * @wire_lock: protects @wire_free_at; held for an addition
 * @wire_free_at: when the emulated wire has carried what was put on it
 */
struct mage_dram {
	struct mage_dram_queue *queues;
	struct page **pages;
	unsigned long nr;
	u64 latency_ns;
	u64 ns_per_page;
	spinlock_t wire_lock;	/* wire_free_at */
	u64 wire_free_at;
};

/* What a page is filled with that must not be used. */
#define MAGE_DRAM_RUBBISH	0xa5

/* So many times what a batch takes at most, one that is overtaken does. */
#define MAGE_DRAM_DELAYS	8

/**
 * struct mage_dram_write - a batch of writes on its way
 * @timer: fires when the emulated node would acknowledge
 * @held: it is acknowledged when this is released
 * @dram: where to
 * @batch: the batch
 * @torn: the second half of each page is fetched at the end
 */
struct mage_dram_write {
	struct hrtimer timer;
	struct mage_dram_held held;
	struct mage_dram *dram;
	struct mage_io_batch *batch;
	bool torn;
};

/**
 * struct mage_dram_held_reads - a batch of reads that does not arrive
 * @held: until this is released
 * @batch: the batch
 */
struct mage_dram_held_reads {
	struct mage_dram_held held;
	struct mage_read_batch *batch;
};

/* When an operation on @nr pages that starts now is over. */
static u64 mage_dram_deadline(struct mage_dram *dram, unsigned int nr)
{
	u64 end = ktime_get_ns();

	if (dram->ns_per_page) {
		unsigned long flags;

		spin_lock_irqsave(&dram->wire_lock, flags);
		end = max(end, dram->wire_free_at) + nr * dram->ns_per_page;
		dram->wire_free_at = end;
		spin_unlock_irqrestore(&dram->wire_lock, flags);
	}
	return end + dram->latency_ns;
}

static void mage_dram_wait(u64 deadline)
{
	s64 left = deadline - ktime_get_ns();

	if (left > (s64)MAGE_DRAM_SPIN_NS) {
		ktime_t until = ns_to_ktime(deadline);

		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
	}
	while (ktime_get_ns() < deadline)
		cpu_relax();
}

static void mage_dram_spoil(struct page *page)
{
	memset_page(page, 0, MAGE_DRAM_RUBBISH, PAGE_SIZE);
}

/* One bit of it is another one. */
static void mage_dram_flip(struct page *page)
{
	u8 *bytes = kmap_local_page(page);

	bytes[get_random_u32_below(PAGE_SIZE)] ^= BIT(get_random_u32_below(BITS_PER_BYTE));
	kunmap_local(bytes);
}

static int mage_dram_read(struct mage_dram *dram, struct page *page, pgoff_t slot)
{
	if (slot >= dram->nr)
		return -EINVAL;
	if (mage_dram_fails(MAGE_DRAM_FAIL_READ)) {
		mage_dram_spoil(page);
		return -EIO;
	}
	copy_highpage(page, dram->pages[slot]);
	if (mage_dram_fails(MAGE_DRAM_FLIP_READ))
		mage_dram_flip(page);
	return 0;
}

static void mage_dram_release_reads(struct mage_dram_held *held)
{
	struct mage_dram_held_reads *reads = container_of(held, struct mage_dram_held_reads, held);

	reads->batch->arrived(reads->batch, reads->batch->nr);
	kfree(reads);
}

/* Without memory for it they are not held. */
static bool mage_dram_hold_reads(struct mage_read_batch *batch)
{
	struct mage_dram_held_reads *reads = kmalloc(sizeof(*reads), GFP_NOWAIT | __GFP_NOWARN);

	if (!reads)
		return false;
	reads->held.release = mage_dram_release_reads;
	reads->batch = batch;
	if (mage_dram_hold(&reads->held))
		return true;
	kfree(reads);
	return false;
}

/* When the next page of a batch arrives: the wire carries one after the other. */
static u64 mage_dram_due(struct mage_dram *dram, struct mage_read_batch *batch)
{
	return batch->due + batch->given * dram->ns_per_page;
}

/* Under the queue's lock, which has a batch. */
static void mage_dram_arm(struct mage_dram_queue *queue)
{
	struct mage_read_batch *first = list_first_entry(&queue->reads, struct mage_read_batch,
							 list);

	if (queue->armed)
		return;
	queue->armed = true;
	hrtimer_start(&queue->timer, ns_to_ktime(mage_dram_due(queue->dram, first)),
		      HRTIMER_MODE_ABS_SOFT);
}

/* Under the queue's lock: lets arrive what the time has come for. */
static void mage_dram_reap(struct mage_dram_queue *queue)
{
	struct mage_dram *dram = queue->dram;
	struct mage_read_batch *batch, *next;
	u64 now = ktime_get_ns();

	list_for_each_entry_safe(batch, next, &queue->reads, list) {
		unsigned int nr = batch->nr, given = batch->given;

		while (batch->given < nr && mage_dram_due(dram, batch) <= now)
			batch->given++;
		if (batch->given == given)
			break;
		WRITE_ONCE(queue->nr, queue->nr - (batch->given - given));
		given = batch->given;
		if (given == nr)
			list_del(&batch->list);
		batch->arrived(batch, given);
		if (given < nr)
			break;
	}
}

static enum hrtimer_restart mage_dram_backstop(struct hrtimer *timer)
{
	struct mage_dram_queue *queue = container_of(timer, struct mage_dram_queue, timer);
	struct mage_read_batch *first;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	mage_dram_reap(queue);
	first = list_first_entry_or_null(&queue->reads, struct mage_read_batch, list);
	queue->armed = first;
	if (first)
		hrtimer_set_expires(timer, ns_to_ktime(mage_dram_due(queue->dram, first)));
	spin_unlock_irqrestore(&queue->lock, flags);
	return first ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

static struct mage_dram_queue *mage_dram_queue(struct mage_device *dev, unsigned int queue)
{
	struct mage_dram *dram = dev->private;

	return &dram->queues[queue % nr_cpu_ids];
}

static void mage_dram_poll_reads(struct mage_device *dev, unsigned int index, bool sleeps)
{
	struct mage_dram_queue *queue = mage_dram_queue(dev, index);
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	mage_dram_reap(queue);
	if (sleeps && !list_empty(&queue->reads))
		mage_dram_arm(queue);
	spin_unlock_irqrestore(&queue->lock, flags);
}

static noinline void mage_dram_send(struct mage_dram_queue *queue, struct mage_read_batch *batch,
				    bool urgent)
{
	struct mage_dram *dram = queue->dram;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	batch->given = 0;
	/* The deadline is that of the last page.  Under the lock, so they rise. */
	batch->due = mage_dram_deadline(dram, batch->nr) - (batch->nr - 1) * dram->ns_per_page;
	list_add_tail(&batch->list, &queue->reads);
	WRITE_ONCE(queue->nr, queue->nr + batch->nr);
	if (!urgent)
		mage_dram_arm(queue);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* How many of @nr pages that nobody waits for the queue has room for. */
static unsigned int mage_dram_accept(struct mage_dram_queue *queue, unsigned int nr)
{
	unsigned int under_way = READ_ONCE(queue->nr);

	/* Who submits meanwhile may go beyond that as well: it is no hard limit. */
	return min(nr, MAGE_DRAM_READS - min(under_way, MAGE_DRAM_READS));
}

static noinline bool mage_dram_holds_reads(struct mage_read_batch *batch)
{
	bool held = false;
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		held |= mage_dram_fails(MAGE_DRAM_HOLD_READ);
	return held && mage_dram_hold_reads(batch);
}

static unsigned int mage_dram_submit_reads(struct mage_device *dev, unsigned int queue,
					   struct mage_read_batch *batch, bool urgent)
{
	struct mage_dram *dram = dev->private;
	struct mage_io *io = batch->io, *end;
	unsigned int nr = batch->nr;

	if (!urgent) {
		nr = mage_dram_accept(mage_dram_queue(dev, queue), nr);
		if (!nr)
			return 0;
		batch->nr = nr;
	}
	for (end = io + nr; io != end; io++)
		io->error = mage_dram_read(dram, io->page, io->slot);
	if (mage_dram_is_faulty() && mage_dram_holds_reads(batch))
		return nr;
	if (dram->latency_ns || dram->ns_per_page)
		mage_dram_send(mage_dram_queue(dev, queue), batch, urgent);
	else
		batch->arrived(batch, nr);
	return nr;
}

static void mage_dram_copy_half(struct mage_dram *dram, struct mage_io *io, size_t from)
{
	memcpy_page(dram->pages[io->slot], from, io->page, from, PAGE_SIZE / 2);
}

/* What of a batch is fetched at once. */
static void mage_dram_begin_write(struct mage_dram *dram, struct mage_io_batch *batch, bool torn)
{
	unsigned int i, taken = batch->nr;

	if (mage_dram_fails(MAGE_DRAM_CUT_WRITE))
		taken = get_random_u32_below(batch->nr);
	for (i = 0; i < batch->nr; i++) {
		struct mage_io *io = &batch->io[i];

		io->error = 0;
		if (io->slot >= dram->nr) {
			io->error = -EINVAL;
		} else if (i >= taken) {
			io->error = -EIO;
		} else if (mage_dram_fails(MAGE_DRAM_FAIL_WRITE)) {
			mage_dram_spoil(dram->pages[io->slot]);
			io->error = -EIO;
		} else if (mage_dram_fails(MAGE_DRAM_LOSE_WRITE)) {
			continue;
		} else if (torn) {
			mage_dram_copy_half(dram, io, 0);
		} else {
			copy_highpage(dram->pages[io->slot], io->page);
		}
	}
}

/* What becomes of slots whose pages are about to be acknowledged. */
static noinline void mage_dram_damage(struct mage_dram *dram, struct mage_io_batch *batch)
{
	struct mage_io *first = &batch->io[0], *last = &batch->io[batch->nr - 1];
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		if (!batch->io[i].error && mage_dram_fails(MAGE_DRAM_FLIP_SLOT))
			mage_dram_flip(dram->pages[batch->io[i].slot]);
	if (first != last && !first->error && !last->error &&
	    mage_dram_fails(MAGE_DRAM_SWAP_SLOTS))
		swap(dram->pages[first->slot], dram->pages[last->slot]);
}

static void mage_dram_end_write(struct mage_dram *dram, struct mage_io_batch *batch, bool torn)
{
	unsigned int i;

	for (i = 0; torn && i < batch->nr; i++)
		if (!batch->io[i].error)
			mage_dram_copy_half(dram, &batch->io[i], PAGE_SIZE / 2);
	if (mage_dram_is_faulty())
		mage_dram_damage(dram, batch);
	batch->done(batch);
}

static void mage_dram_acknowledge(struct mage_dram_write *write)
{
	mage_dram_end_write(write->dram, write->batch, write->torn);
	kfree(write);
}

static enum hrtimer_restart mage_dram_timer(struct hrtimer *timer)
{
	mage_dram_acknowledge(container_of(timer, struct mage_dram_write, timer));
	return HRTIMER_NORESTART;
}

static void mage_dram_release_write(struct mage_dram_held *held)
{
	mage_dram_acknowledge(container_of(held, struct mage_dram_write, held));
}

static void mage_dram_submit_writes(struct mage_device *dev, unsigned int queue,
				    struct mage_io_batch *batch)
{
	bool torn = mage_dram_fails(MAGE_DRAM_TEAR_WRITE);
	bool delayed = mage_dram_fails(MAGE_DRAM_DELAY_WRITE);
	bool held = mage_dram_fails(MAGE_DRAM_HOLD_WRITE);
	struct mage_dram *dram = dev->private;
	struct mage_dram_write *write;
	u64 deadline;

	mage_dram_begin_write(dram, batch, torn);
	if (!dram->latency_ns && !dram->ns_per_page && !delayed && !held) {
		mage_dram_end_write(dram, batch, torn);
		return;
	}
	deadline = mage_dram_deadline(dram, batch->nr);
	if (delayed)
		deadline += get_random_u32_inclusive(1, MAGE_DRAM_DELAYS) *
			    max(dram->latency_ns, MAGE_DRAM_SPIN_NS);
	write = kmalloc(sizeof(*write), GFP_NOWAIT | __GFP_NOWARN);
	if (!write) {
		/* Without a timer the submitter has to sit the time out. */
		mage_dram_wait(deadline);
		mage_dram_end_write(dram, batch, torn);
		return;
	}
	write->dram = dram;
	write->batch = batch;
	write->torn = torn;
	write->held.release = mage_dram_release_write;
	if (held && mage_dram_hold(&write->held))
		return;
	hrtimer_init(&write->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	write->timer.function = mage_dram_timer;
	hrtimer_start(&write->timer, ns_to_ktime(deadline), HRTIMER_MODE_ABS_SOFT);
}

static void mage_dram_free(struct mage_dram *dram)
{
	unsigned long i;

	for (i = 0; dram->pages && i < dram->nr; i++)
		if (dram->pages[i])
			__free_page(dram->pages[i]);
	kvfree(dram->pages);
	for (i = 0; dram->queues && i < nr_cpu_ids; i++)
		hrtimer_cancel(&dram->queues[i].timer);
	kvfree(dram->queues);
	kfree(dram);
}

static int mage_dram_make_queues(struct mage_dram *dram)
{
	unsigned int i;

	dram->queues = kvcalloc(nr_cpu_ids, sizeof(*dram->queues), GFP_KERNEL);
	if (!dram->queues)
		return -ENOMEM;
	for (i = 0; i < nr_cpu_ids; i++) {
		struct mage_dram_queue *queue = &dram->queues[i];

		queue->dram = dram;
		spin_lock_init(&queue->lock);
		INIT_LIST_HEAD(&queue->reads);
		hrtimer_init(&queue->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
		queue->timer.function = mage_dram_backstop;
	}
	return 0;
}

static int mage_dram_connect(struct mage_device *dev, const struct mage_connect *to,
			     struct netlink_ext_ack *extack)
{
	struct mage_dram *dram = kzalloc(sizeof(*dram), GFP_KERNEL);
	unsigned long i;

	if (!dram)
		return -ENOMEM;
	spin_lock_init(&dram->wire_lock);
	dram->nr = to->size >> PAGE_SHIFT;
	dram->latency_ns = to->latency_ns;
	if (to->bandwidth)
		dram->ns_per_page = div64_u64(PAGE_SIZE * NSEC_PER_SEC, to->bandwidth);
	dram->pages = kvcalloc(dram->nr, sizeof(*dram->pages), GFP_KERNEL | __GFP_NOWARN);
	for (i = 0; dram->pages && i < dram->nr; i++) {
		dram->pages[i] = alloc_page(GFP_HIGHUSER | __GFP_ZERO | __GFP_NORETRY |
					    __GFP_NOWARN);
		if (!dram->pages[i])
			break;
		if (!(i % 1024)) {
			cond_resched();
			if (fatal_signal_pending(current))
				break;
		}
	}
	if (i < dram->nr || mage_dram_make_queues(dram)) {
		mage_dram_free(dram);
		NL_SET_ERR_MSG(extack, "not enough free memory for a far device of this size");
		return -ENOMEM;
	}
	dev->private = dram;
	/* More than a read takes, unless the wire is busy: then it is worth sleeping. */
	if (dram->latency_ns <= MAGE_DRAM_SPIN_NS)
		dev->read_spin_ns = MAGE_DRAM_SPIN_NS + MAGE_DRAM_SPIN_NS / 2;
	return 0;
}

static void mage_dram_disconnect(struct mage_device *dev)
{
	mage_dram_free(dev->private);
}

static struct mage_backend_ops mage_dram_ops = {
	.name = "dram",
	.connect = mage_dram_connect,
	.disconnect = mage_dram_disconnect,
	.submit_reads = mage_dram_submit_reads,
	.poll_reads = mage_dram_poll_reads,
	.submit_writes = mage_dram_submit_writes,
};

int __init mage_dram_init(void)
{
	mage_dram_faults_init(mage_debugfs);
	return mage_backend_register(&mage_dram_ops);
}
