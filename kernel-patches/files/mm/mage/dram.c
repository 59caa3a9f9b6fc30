// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the "dram" backend, an emulated remote memory in local RAM.
 *
 * For tests and for measurements: each operation can take a set time and share
 * a set bandwidth, as if it went over a wire, and go wrong (dram_faults.c).
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/mage_backend.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "dram.h"
#include "dram_faults.h"
#include "knobs.h"

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
 * struct mage_dram_held_read - a read that somebody waits for
 * @held: until this is released
 * @released: completed then
 */
struct mage_dram_held_read {
	struct mage_dram_held held;
	struct completion released;
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

static void mage_dram_release_read(struct mage_dram_held *held)
{
	complete(&container_of(held, struct mage_dram_held_read, held)->released);
}

static void mage_dram_wait_released(void)
{
	struct mage_dram_held_read read = { .held.release = mage_dram_release_read };

	init_completion(&read.released);
	if (mage_dram_hold(&read.held))
		wait_for_completion(&read.released);
}

static void mage_dram_spoil(struct page *page)
{
	memset_page(page, 0, MAGE_DRAM_RUBBISH, PAGE_SIZE);
}

static int mage_dram_read(struct mage_device *dev, struct page *page, pgoff_t slot)
{
	struct mage_dram *dram = dev->private;
	int err = 0;

	if (slot >= dram->nr)
		return -EINVAL;
	if (mage_dram_fails(MAGE_DRAM_FAIL_READ)) {
		mage_dram_spoil(page);
		err = -EIO;
	} else {
		copy_highpage(page, dram->pages[slot]);
	}
	if (dram->latency_ns || dram->ns_per_page)
		mage_dram_wait(mage_dram_deadline(dram, 1));
	if (mage_dram_fails(MAGE_DRAM_HOLD_READ))
		mage_dram_wait_released();
	return err;
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
		} else if (torn) {
			mage_dram_copy_half(dram, io, 0);
		} else {
			copy_highpage(dram->pages[io->slot], io->page);
		}
	}
}

static void mage_dram_end_write(struct mage_dram *dram, struct mage_io_batch *batch, bool torn)
{
	unsigned int i;

	for (i = 0; torn && i < batch->nr; i++)
		if (!batch->io[i].error)
			mage_dram_copy_half(dram, &batch->io[i], PAGE_SIZE / 2);
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
	mage_dram_faults_init(mage_debugfs);
	return mage_backend_register(&mage_dram_ops);
}
