// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the "dram" backend, an emulated remote memory in local RAM.
 *
 * For tests and for measurements: each operation can take a set time and share
 * a set bandwidth, as if it went over a wire.
 */
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/mage_backend.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "dram.h"

/* Waits shorter than this are spun, since a sleep takes as long. */
#define MAGE_DRAM_SPIN_NS	(20 * NSEC_PER_USEC)

/**
 * struct mage_dram - emulated remote memory
 * @pages: its pages
 * @nr: how many
 * @latency_ns: what each operation takes
 * @ns_per_page: what the wire takes for a page, 0 for no limit
 * @wire_lock: protects @wire_free_at; held for an addition
 * @wire_free_at: when the emulated wire has carried what was put on it
 */
struct mage_dram {
	struct page **pages;
	unsigned long nr;
	u64 latency_ns;
	u64 ns_per_page;
	spinlock_t wire_lock;	/* wire_free_at */
	u64 wire_free_at;
};

/**
 * struct mage_dram_write - a batch of writes on its way
 * @timer: fires when the emulated node would acknowledge
 * @batch: the batch
 */
struct mage_dram_write {
	struct hrtimer timer;
	struct mage_io_batch *batch;
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

static int mage_dram_read(struct mage_device *dev, struct page *page, pgoff_t slot)
{
	struct mage_dram *dram = dev->private;

	if (slot >= dram->nr)
		return -EINVAL;
	copy_highpage(page, dram->pages[slot]);
	if (dram->latency_ns || dram->ns_per_page)
		mage_dram_wait(mage_dram_deadline(dram, 1));
	return 0;
}

static enum hrtimer_restart mage_dram_acknowledge(struct hrtimer *timer)
{
	struct mage_dram_write *write = container_of(timer, struct mage_dram_write, timer);
	struct mage_io_batch *batch = write->batch;

	kfree(write);
	batch->done(batch);
	return HRTIMER_NORESTART;
}

static void mage_dram_submit_writes(struct mage_device *dev, unsigned int queue,
				    struct mage_io_batch *batch)
{
	struct mage_dram *dram = dev->private;
	struct mage_dram_write *write;
	unsigned int i;
	u64 deadline;

	for (i = 0; i < batch->nr; i++) {
		struct mage_io *io = &batch->io[i];

		io->error = io->slot < dram->nr ? 0 : -EINVAL;
		if (!io->error)
			copy_highpage(dram->pages[io->slot], io->page);
	}
	if (!dram->latency_ns && !dram->ns_per_page) {
		batch->done(batch);
		return;
	}
	deadline = mage_dram_deadline(dram, batch->nr);
	write = kmalloc(sizeof(*write), GFP_NOWAIT | __GFP_NOWARN);
	if (!write) {
		/* Without a timer the submitter has to sit the time out. */
		mage_dram_wait(deadline);
		batch->done(batch);
		return;
	}
	write->batch = batch;
	hrtimer_init(&write->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	write->timer.function = mage_dram_acknowledge;
	hrtimer_start(&write->timer, ns_to_ktime(deadline), HRTIMER_MODE_ABS_SOFT);
}

static void mage_dram_free(struct mage_dram *dram)
{
	unsigned long i;

	for (i = 0; dram->pages && i < dram->nr; i++)
		if (dram->pages[i])
			__free_page(dram->pages[i]);
	kvfree(dram->pages);
	kfree(dram);
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
	if (i < dram->nr) {
		mage_dram_free(dram);
		NL_SET_ERR_MSG(extack, "not enough free memory for a far device of this size");
		return -ENOMEM;
	}
	dev->private = dram;
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
	.read = mage_dram_read,
	.submit_writes = mage_dram_submit_writes,
};

int __init mage_dram_init(void)
{
	return mage_backend_register(&mage_dram_ops);
}
