// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of reads that are posted and waited for apart, and of the order in
 * which those of emulated remote memory arrive.
 */
#include <kunit/test.h>
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/highmem.h>
#include <linux/mage_backend.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "backend.h"
#include "bed_kunit.h"
#include "disk.h"
#include "read.h"

/* A read and the thread that waits for it */

#define SEED	3

/* A page of the kernel's to read into; page @i of the process is in far memory then. */
static struct page *page_for(struct kunit *test, unsigned int i, pgoff_t *slot)
{
	struct mage_bed *bed = test->priv;
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	swp_entry_t entry;

	KUNIT_ASSERT_NOT_NULL(test, page);
	mage_bed_fill(bed, i, 1, SEED);
	mage_bed_evict(bed, i, 1);
	KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, i, &entry));
	*slot = swp_offset(entry);
	atomic_set(&bed->store.reads, 0);
	return page;
}

static bool page_is(struct mage_bed *bed, struct page *page, pgoff_t slot)
{
	return !memcmp(page_address(page), page_address(bed->store.page[slot]), PAGE_SIZE);
}

/* The read has been posted, and the page can come before anybody waits for it. */
static void read_goes_on_while_nobody_waits(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_read read;
	struct page *page;
	pgoff_t slot;
	long before;

	page = page_for(test, 0, &slot);
	before = mage_disk_reads(bed->disk);
	bed->store.hold_reads = true;
	mage_read_begin(bed->disk, &read, page, slot);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 1);
	KUNIT_EXPECT_PTR_EQ(test, bed->store.held_reads, &read.batch);
	KUNIT_EXPECT_EQ(test, mage_disk_reads(bed->disk), before);
	mage_bed_arrive(bed);
	KUNIT_EXPECT_EQ(test, mage_read_end(bed->disk, &read, MAGE_READ_NOW), 0);
	KUNIT_EXPECT_EQ(test, mage_disk_reads(bed->disk), before + 1);
	KUNIT_EXPECT_TRUE(test, page_is(bed, page, slot));
	__free_page(page);
}

/**
 * struct arrival - what lets a read arrive once its thread sleeps
 * @work: does it
 * @bed: whose store holds the read
 * @read: the read
 */
struct arrival {
	struct work_struct work;
	struct mage_bed *bed;
	struct mage_read *read;
};

static void arrive(struct work_struct *work)
{
	struct arrival *arrival = container_of(work, struct arrival, work);

	while (!READ_ONCE(arrival->read->waiter))
		schedule_timeout_idle(1);
	mage_bed_arrive(arrival->bed);
}

static void thread_that_sleeps_is_woken(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct arrival arrival = { .bed = bed };
	struct mage_read read;
	struct page *page;
	pgoff_t slot;

	page = page_for(test, 0, &slot);
	bed->store.hold_reads = true;
	mage_read_begin(bed->disk, &read, page, slot);
	arrival.read = &read;
	INIT_WORK_ONSTACK(&arrival.work, arrive);
	queue_work(system_unbound_wq, &arrival.work);
	KUNIT_EXPECT_EQ(test, mage_read_end(bed->disk, &read, MAGE_READ_NOW), 0);
	flush_work(&arrival.work);
	destroy_work_on_stack(&arrival.work);
	KUNIT_EXPECT_TRUE(test, page_is(bed, page, slot));
	__free_page(page);
}

static void read_that_finds_no_room_is_posted_later(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_read read;
	struct page *page;
	pgoff_t slot;

	page = page_for(test, 0, &slot);
	bed->store.full = true;
	mage_read_begin(bed->disk, &read, page, slot);
	KUNIT_EXPECT_EQ(test, bed->store.awaited, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 1);
	KUNIT_EXPECT_EQ(test, mage_read_end(bed->disk, &read, MAGE_READ_NOW), 0);
	KUNIT_EXPECT_TRUE(test, page_is(bed, page, slot));
	__free_page(page);
}

static void error_of_a_read_is_told_at_its_end(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_read read;
	struct page *page;
	pgoff_t slot;

	page = page_for(test, 0, &slot);
	bed->store.read_error = -EIO;
	mage_read_begin(bed->disk, &read, page, slot);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 0);
	KUNIT_EXPECT_EQ(test, mage_read_end(bed->disk, &read, MAGE_READ_SURELY), -EIO);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 1);
	__free_page(page);
}

/* The device was suspended after the read was posted, and is back before its end. */
static void read_that_is_lost_under_way_is_posted_again(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_read read;
	struct page *page;
	pgoff_t slot;

	page = page_for(test, 0, &slot);
	bed->store.read_error = -EAGAIN;
	bed->store.hold_reads = true;
	mage_read_begin(bed->disk, &read, page, slot);
	mage_device_suspend(&bed->disk->dev, "a test wants it so");
	mage_bed_arrive(bed);
	bed->store.read_error = 0;
	bed->store.hold_reads = false;
	mage_device_resume(&bed->disk->dev);
	KUNIT_EXPECT_EQ(test, mage_read_end(bed->disk, &read, MAGE_READ_KILLABLE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 0);
	KUNIT_EXPECT_TRUE(test, page_is(bed, page, slot));
	/* Who can have it later does not wait. */
	bed->store.read_error = -EAGAIN;
	mage_read_begin(bed->disk, &read, page, slot);
	bed->store.read_error = 0;
	KUNIT_EXPECT_EQ(test, mage_read_end(bed->disk, &read, MAGE_READ_NOW), -EAGAIN);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 3);
	__free_page(page);
}

static void read_of_a_device_that_failed_ends_at_once(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_read read;
	struct page *page;
	pgoff_t slot;

	page = page_for(test, 0, &slot);
	WRITE_ONCE(bed->disk->dev.failed, true);
	mage_read_begin(bed->disk, &read, page, slot);
	KUNIT_EXPECT_EQ(test, mage_read_end(bed->disk, &read, MAGE_READ_SURELY), -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 0);
	WRITE_ONCE(bed->disk->dev.failed, false);
	__free_page(page);
}

static struct kunit_case read_test_cases[] = {
	KUNIT_CASE(read_goes_on_while_nobody_waits),
	KUNIT_CASE(thread_that_sleeps_is_woken),
	KUNIT_CASE(read_that_finds_no_room_is_posted_later),
	KUNIT_CASE(error_of_a_read_is_told_at_its_end),
	KUNIT_CASE(read_that_is_lost_under_way_is_posted_again),
	KUNIT_CASE(read_of_a_device_that_failed_ends_at_once),
	{}
};

static struct kunit_suite read_test_suite = {
	.name = "mage_read",
	.init = mage_bed_init,
	.exit = mage_bed_exit,
	.test_cases = read_test_cases,
};

/* Emulated remote memory */

#define DRAM_PAGES	128
#define DRAM_BATCHES	4
#define DRAM_QUEUE	0

struct dram_test;

/**
 * struct dram_batch - a batch of reads
 * @batch: what the backend knows
 * @test: whose it is
 * @io: its elements
 * @got: how many have arrived
 * @whole: all have
 */
struct dram_batch {
	struct mage_read_batch batch;
	struct dram_test *test;
	struct mage_io io[DRAM_PAGES];
	unsigned int got;
	struct completion whole;
};

/**
 * struct dram_test - what each test works on
 * @dev: a device, once it is connected
 * @batch: batches
 * @page: what pages are read into; the one at [b][i] is that of batch b's element i
 * @wrong: arrivals that did not rise, went beyond the end, or were not those of the
 *	oldest batch
 * @oldest: the batch that is to arrive next, where they arrive in the order of submission
 */
struct dram_test {
	struct mage_device dev;
	struct dram_batch batch[DRAM_BATCHES];
	struct page *page[DRAM_BATCHES][DRAM_PAGES];
	unsigned int wrong;
	unsigned int oldest;
};

static void dram_arrived(struct mage_read_batch *batch, unsigned int nr)
{
	struct dram_batch *b = container_of(batch, struct dram_batch, batch);
	struct dram_test *t = b->test;

	if (nr <= b->got || nr > batch->nr || b != &t->batch[t->oldest])
		t->wrong++;
	b->got = nr;
	if (nr == batch->nr) {
		t->oldest++;
		complete(&b->whole);
	}
}

/**
 * struct dram_write - a batch of writes that is waited for
 * @batch: the batch
 * @done: completed when it is
 */
struct dram_write {
	struct mage_io_batch batch;
	struct completion done;
};

static void dram_write_done(struct mage_io_batch *batch)
{
	complete(&container_of(batch, struct dram_write, batch)->done);
}

/* Slot n holds bytes of the value n. */
static void dram_fill(struct kunit *test)
{
	struct dram_test *t = test->priv;
	struct mage_io *io = t->batch[0].io;
	struct dram_write write = {
		.batch = { .nr = DRAM_PAGES, .io = io, .done = dram_write_done },
	};
	unsigned int i;

	init_completion(&write.done);
	for (i = 0; i < DRAM_PAGES; i++) {
		memset(page_address(t->page[0][i]), i, PAGE_SIZE);
		io[i].page = t->page[0][i];
		io[i].slot = i;
	}
	t->dev.ops->submit_writes(&t->dev, 0, &write.batch);
	wait_for_completion(&write.done);
	for (i = 0; i < DRAM_PAGES; i++) {
		KUNIT_ASSERT_EQ(test, io[i].error, 0);
		clear_page(page_address(t->page[0][i]));
	}
}

static void dram_connect(struct kunit *test, u64 latency_ns, u64 bandwidth)
{
	struct dram_test *t = test->priv;
	struct mage_connect *to = kunit_kzalloc(test, sizeof(*to), GFP_KERNEL);
	struct netlink_ext_ack extack = {};

	KUNIT_ASSERT_NOT_NULL(test, to);
	to->size = DRAM_PAGES * PAGE_SIZE;
	to->latency_ns = latency_ns;
	to->bandwidth = bandwidth;
	t->dev.ops = mage_backend_get("dram");
	KUNIT_ASSERT_NOT_NULL(test, t->dev.ops);
	KUNIT_ASSERT_EQ(test, t->dev.ops->connect(&t->dev, to, &extack), 0);
	dram_fill(test);
}

/* The first @nr slots into batch @b; how many were accepted. */
static unsigned int dram_submit(struct dram_test *t, unsigned int b, unsigned int nr, bool urgent)
{
	struct dram_batch *batch = &t->batch[b];
	unsigned int i;

	batch->batch.nr = nr;
	batch->batch.io = batch->io;
	batch->batch.arrived = dram_arrived;
	batch->got = 0;
	for (i = 0; i < nr; i++) {
		batch->io[i].page = t->page[b][i];
		batch->io[i].slot = i;
	}
	return t->dev.ops->submit_reads(&t->dev, DRAM_QUEUE, &batch->batch, urgent);
}

/* The first @nr pages of batch @b are those of the store. */
static void dram_holds(struct kunit *test, unsigned int b, unsigned int nr)
{
	struct dram_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, t->batch[b].io[i].error, 0);
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(t->page[b][i]), i, PAGE_SIZE));
	}
}

static int dram_test_init(struct kunit *test)
{
	struct dram_test *t = kvzalloc(sizeof(*t), GFP_KERNEL);
	unsigned int b, i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	for (b = 0; b < DRAM_BATCHES; b++) {
		t->batch[b].test = t;
		init_completion(&t->batch[b].whole);
		for (i = 0; i < DRAM_PAGES; i++) {
			t->page[b][i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
			KUNIT_ASSERT_NOT_NULL(test, t->page[b][i]);
		}
	}
	return 0;
}

static void dram_test_exit(struct kunit *test)
{
	struct dram_test *t = test->priv;
	unsigned int b, i;

	if (!t)
		return;
	if (t->dev.private)
		t->dev.ops->disconnect(&t->dev);
	if (t->dev.ops)
		mage_backend_put(t->dev.ops);
	for (b = 0; b < DRAM_BATCHES; b++)
		for (i = 0; i < DRAM_PAGES; i++)
			if (t->page[b][i])
				__free_page(t->page[b][i]);
	kvfree(t);
}

/* Whoever submits finds the pages there. */
static void without_a_delay_reads_arrive_at_once(struct kunit *test)
{
	struct dram_test *t = test->priv;

	dram_connect(test, 0, 0);
	KUNIT_EXPECT_EQ(test, dram_submit(t, 0, DRAM_PAGES, false), DRAM_PAGES);
	KUNIT_EXPECT_EQ(test, t->batch[0].got, DRAM_PAGES);
	KUNIT_EXPECT_EQ(test, t->wrong, 0);
	dram_holds(test, 0, DRAM_PAGES);
}

/* As long as softirqs are off on this CPU the timer, which is this CPU's, is as well. */
static void reads_that_are_polled_for_arrive_in_order(struct kunit *test)
{
	struct dram_test *t = test->priv;
	unsigned int b;

	dram_connect(test, 50 * NSEC_PER_USEC, 0);
	local_bh_disable();
	for (b = 0; b < DRAM_BATCHES; b++)
		dram_submit(t, b, b + 1, b & 1);
	while (t->oldest < DRAM_BATCHES)
		t->dev.ops->poll_reads(&t->dev, DRAM_QUEUE, false);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, t->wrong, 0);
	for (b = 0; b < DRAM_BATCHES; b++)
		dram_holds(test, b, b + 1);
}

/* A page takes 10 us of the wire, so those of a batch come one after the other. */
static void pages_of_a_batch_arrive_in_order(struct kunit *test)
{
	struct dram_test *t = test->priv;
	unsigned int b;

	dram_connect(test, 50 * NSEC_PER_USEC, PAGE_SIZE * 100000ULL);
	local_bh_disable();
	for (b = 0; b < DRAM_BATCHES; b++)
		dram_submit(t, b, 8, true);
	while (t->oldest < DRAM_BATCHES)
		t->dev.ops->poll_reads(&t->dev, DRAM_QUEUE, false);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, t->wrong, 0);
	for (b = 0; b < DRAM_BATCHES; b++)
		dram_holds(test, b, 8);
}

static void reads_that_nobody_polls_for_arrive_by_themselves(struct kunit *test)
{
	struct dram_test *t = test->priv;
	unsigned int round;

	dram_connect(test, 50 * NSEC_PER_USEC, PAGE_SIZE * 100000ULL);
	/* Twice, so that the timer is started again after it has run out. */
	for (round = 0; round < 2; round++) {
		t->oldest = 0;
		KUNIT_ASSERT_EQ(test, dram_submit(t, 0, 5, false), 5);
		KUNIT_ASSERT_EQ(test, dram_submit(t, 1, 3, false), 3);
		wait_for_completion(&t->batch[0].whole);
		wait_for_completion(&t->batch[1].whole);
		KUNIT_EXPECT_EQ(test, t->wrong, 0);
		dram_holds(test, 0, 5);
		dram_holds(test, 1, 3);
	}
}

/* What was submitted to be polled for, by a thread that then sleeps. */
static void reads_arrive_by_themselves_for_who_sleeps(struct kunit *test)
{
	struct dram_test *t = test->priv;

	dram_connect(test, 50 * NSEC_PER_USEC, 0);
	KUNIT_ASSERT_EQ(test, dram_submit(t, 0, 1, true), 1);
	t->dev.ops->poll_reads(&t->dev, DRAM_QUEUE, true);
	wait_for_completion(&t->batch[0].whole);
	dram_holds(test, 0, 1);
	/* The timer of an earlier one that was polled for does no harm. */
	t->oldest = 0;
	local_bh_disable();
	dram_submit(t, 0, 1, true);
	t->dev.ops->poll_reads(&t->dev, DRAM_QUEUE, true);
	while (t->oldest < 1)
		t->dev.ops->poll_reads(&t->dev, DRAM_QUEUE, false);
	dram_submit(t, 1, 1, true);
	t->dev.ops->poll_reads(&t->dev, DRAM_QUEUE, true);
	local_bh_enable();
	wait_for_completion(&t->batch[1].whole);
	KUNIT_EXPECT_EQ(test, t->wrong, 0);
	dram_holds(test, 1, 1);
}

static void what_nobody_waits_for_is_accepted_in_part(struct kunit *test)
{
	struct dram_test *t = test->priv;
	unsigned int accepted[DRAM_BATCHES];

	dram_connect(test, NSEC_PER_MSEC, 0);
	/* None arrives meanwhile. */
	local_bh_disable();
	accepted[0] = dram_submit(t, 0, 100, false);
	accepted[1] = dram_submit(t, 1, 100, false);
	accepted[2] = dram_submit(t, 2, 100, false);
	accepted[3] = dram_submit(t, 3, 5, true);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, accepted[0], 100);
	KUNIT_EXPECT_EQ(test, accepted[1], 28);
	KUNIT_EXPECT_EQ(test, accepted[2], 0);
	KUNIT_EXPECT_EQ(test, t->batch[2].batch.nr, 100);
	KUNIT_EXPECT_EQ(test, accepted[3], 5);
	wait_for_completion(&t->batch[0].whole);
	wait_for_completion(&t->batch[1].whole);
	t->dev.ops->poll_reads(&t->dev, DRAM_QUEUE, true);
	wait_for_completion(&t->batch[3].whole);
	dram_holds(test, 0, 100);
	dram_holds(test, 1, 28);
	dram_holds(test, 3, 5);
}

static void page_that_cannot_be_read_leaves_the_others(struct kunit *test)
{
	struct dram_test *t = test->priv;
	struct dram_batch *batch = &t->batch[0];
	unsigned int i;

	dram_connect(test, 50 * NSEC_PER_USEC, 0);
	for (i = 0; i < 5; i++) {
		batch->io[i].page = t->page[0][i];
		batch->io[i].slot = i == 2 ? DRAM_PAGES : i;
	}
	batch->batch.nr = 5;
	batch->batch.io = batch->io;
	batch->batch.arrived = dram_arrived;
	KUNIT_ASSERT_EQ(test,
			t->dev.ops->submit_reads(&t->dev, DRAM_QUEUE, &batch->batch, false), 5);
	wait_for_completion(&batch->whole);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, batch->io[i].error, i == 2 ? -EINVAL : 0);
		if (i != 2)
			KUNIT_EXPECT_NULL(test, memchr_inv(page_address(t->page[0][i]), i,
							   PAGE_SIZE));
	}
}

static struct kunit_case dram_test_cases[] = {
	KUNIT_CASE(without_a_delay_reads_arrive_at_once),
	KUNIT_CASE(reads_that_are_polled_for_arrive_in_order),
	KUNIT_CASE(pages_of_a_batch_arrive_in_order),
	KUNIT_CASE(reads_that_nobody_polls_for_arrive_by_themselves),
	KUNIT_CASE(reads_arrive_by_themselves_for_who_sleeps),
	KUNIT_CASE(what_nobody_waits_for_is_accepted_in_part),
	KUNIT_CASE(page_that_cannot_be_read_leaves_the_others),
	{}
};

static struct kunit_suite dram_test_suite = {
	.name = "mage_dram",
	.init = dram_test_init,
	.exit = dram_test_exit,
	.test_cases = dram_test_cases,
};

kunit_test_suites(&read_test_suite, &dram_test_suite);
