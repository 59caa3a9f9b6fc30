// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of sets, over stores that do what a test says, page by page.
 *
 * Of a page a store keeps the first word.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mage_backend.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "checksum.h"
#include "device.h"
#include "disk.h"
#include "fail_kunit.h"
#include "knobs.h"
#include "read.h"
#include "set.h"
#include "set_stale.h"

#define SLOTS	1200
#define STORES	4
#define HELD	8
#define SLOT	7

/**
 * struct store - behind a leg
 * @dev: the leg
 * @word: what is there
 * @hold_writes: batches of writes are taken, and answered by answer()
 * @hold_reads: likewise of reads; what is read is what is there when they come
 * @write_error: of each write
 * @read_error: of each read
 * @flips: so many reads have a bit flipped
 * @reads: pages that were asked for
 * @held: batches of writes
 * @nr_held: how many
 * @reading: a batch of reads
 */
struct store {
	struct mage_device *dev;
	u64 word[SLOTS];
	bool hold_writes;
	bool hold_reads;
	int write_error;
	int read_error;
	unsigned int flips;
	unsigned int reads;
	struct mage_io_batch *held[HELD];
	unsigned int nr_held;
	struct mage_read_batch *reading;
};

static struct store *stores;

static struct store *store_of(struct mage_device *dev)
{
	return dev->private;
}

static u64 *word_of(struct page *page)
{
	return page_address(page);
}

static int store_connect(struct mage_device *dev, const struct mage_connect *to,
			 struct netlink_ext_ack *extack)
{
	dev->private = &stores[to->port];
	stores[to->port].dev = dev;
	return 0;
}

static void store_disconnect(struct mage_device *dev)
{
	store_of(dev)->dev = NULL;
}

static unsigned int store_submit_reads(struct mage_device *dev, unsigned int queue,
				       struct mage_read_batch *batch, bool urgent)
{
	struct store *store = store_of(dev);
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		struct mage_io *io = &batch->io[i];

		store->reads++;
		io->error = dev->failed ? -EIO : dev->suspended ? -EAGAIN : store->read_error;
		/* A page is zeroes but for its word. */
		if (!io->error) {
			clear_page(word_of(io->page));
			*word_of(io->page) = store->word[io->slot];
		}
		if (store->flips) {
			store->flips--;
			*word_of(io->page) ^= 1;
		}
	}
	if (READ_ONCE(store->hold_reads))
		WRITE_ONCE(store->reading, batch);
	else
		batch->arrived(batch, batch->nr);
	return batch->nr;
}

static void answer(struct store *store, struct mage_io_batch *batch, int error)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		batch->io[i].error = error;
		if (!error)
			store->word[batch->io[i].slot] = *word_of(batch->io[i].page);
	}
	batch->done(batch);
}

static void store_submit_writes(struct mage_device *dev, unsigned int queue,
				struct mage_io_batch *batch)
{
	struct store *store = store_of(dev);

	if (READ_ONCE(store->hold_writes) && !dev->suspended && !dev->failed) {
		store->held[store->nr_held] = batch;
		/* Pairs with answer_all(), which may be another thread's. */
		smp_store_release(&store->nr_held, store->nr_held + 1);
	} else {
		answer(store, batch, dev->failed || dev->suspended ? -EIO : store->write_error);
	}
}

/* What a store holds of writes is answered, and it holds no more. */
static void answer_all(struct store *store, int error)
{
	unsigned int i, nr;

	WRITE_ONCE(store->hold_writes, false);
	/* Pairs with store_submit_writes(). */
	nr = smp_load_acquire(&store->nr_held);
	store->nr_held = 0;
	for (i = 0; i < nr; i++)
		answer(store, store->held[i], error);
}

static void arrive(struct store *store)
{
	struct mage_read_batch *batch;

	WRITE_ONCE(store->hold_reads, false);
	batch = xchg(&store->reading, NULL);
	if (batch)
		batch->arrived(batch, batch->nr);
}

/* It is suspended, and what it holds comes back. */
static void store_overdue_reads(struct mage_device *dev)
{
	struct store *store = store_of(dev);
	struct mage_read_batch *batch = xchg(&store->reading, NULL);
	unsigned int i;

	mage_device_suspend(dev, "a read does not complete");
	store->hold_reads = false;
	if (!batch)
		return;
	for (i = 0; i < batch->nr; i++)
		batch->io[i].error = -EAGAIN;
	batch->arrived(batch, batch->nr);
}

static struct mage_backend_ops store_ops = {
	.name = "kunit-store",
	.connect = store_connect,
	.disconnect = store_disconnect,
	.submit_reads = store_submit_reads,
	.overdue_reads = store_overdue_reads,
	.submit_writes = store_submit_writes,
};

/* One that cannot take back what is under way. */
static struct mage_backend_ops stubborn_ops = {
	.name = "kunit-stubborn",
	.connect = store_connect,
	.disconnect = store_disconnect,
	.submit_reads = store_submit_reads,
	.submit_writes = store_submit_writes,
};

/* A leg that is removed from another thread. */
struct removal {
	struct work_struct work;
	struct mage_set *set;
	int err;
};

/**
 * struct ground - what a test stands on
 * @disk: the far device
 * @set: it
 * @page: one for each page of @write, and one to read to
 * @write: a batch of writes
 * @io: its elements
 * @written: it is done
 * @holds: nothing is copied
 * @removal: of the first leg; it has a set once it is under way
 */
struct ground {
	struct mage_disk *disk;
	struct mage_set *set;
	struct page *page[5];
	struct mage_io_batch write;
	struct mage_io io[4];
	bool written;
	bool holds;
	struct removal removal;
};

static void is_written(struct mage_io_batch *batch)
{
	container_of(batch, struct ground, write)->written = true;
}

/* Posts writes of a word each to slots side by side. */
static void post(struct kunit *test, pgoff_t slot, unsigned int nr, u64 word)
{
	struct ground *g = test->priv;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		*word_of(g->page[i]) = word + i;
		g->io[i] = (struct mage_io){ .page = g->page[i], .slot = slot + i };
	}
	g->write = (struct mage_io_batch){ .nr = nr, .io = g->io, .done = is_written };
	g->written = false;
	g->disk->dev.ops->submit_writes(&g->disk->dev, 0, &g->write);
}

static int put(struct kunit *test, pgoff_t slot, u64 word)
{
	struct ground *g = test->priv;

	post(test, slot, 1, word);
	KUNIT_EXPECT_TRUE(test, g->written);
	return g->io[0].error;
}

static void nothing(struct mage_read_batch *batch, unsigned int nr)
{
}

/* One read, of a certain CPU: the word, or its error. */
static s64 get_once(struct kunit *test, pgoff_t slot, unsigned int cpu)
{
	struct ground *g = test->priv;
	struct mage_io io = { .page = g->page[4], .slot = slot };
	struct mage_read_batch batch = { .nr = 1, .io = &io, .arrived = nothing };

	g->disk->dev.ops->submit_reads(&g->disk->dev, cpu, &batch, true);
	KUNIT_EXPECT_EQ(test, io.slot, slot);
	return io.error ?: *word_of(g->page[4]);
}

static s64 get(struct kunit *test, pgoff_t slot)
{
	struct ground *g = test->priv;
	int err = mage_disk_read(g->disk, g->page[4], slot, MAGE_READ_NOW);

	return err ?: *word_of(g->page[4]);
}

static struct mage_leg *leg_of(unsigned int i)
{
	return container_of(stores[i].dev, struct mage_leg, dev);
}

static bool is_stale(unsigned int i, pgoff_t slot)
{
	return test_bit(slot, leg_of(i)->stale);
}

/* Nothing is copied meanwhile. */
static void hold_resync(struct ground *g)
{
	disable_work_sync(&g->set->resync);
	g->holds = true;
}

static void begin_resync(struct ground *g)
{
	if (g->holds)
		enable_work(&g->set->resync);
	g->holds = false;
	mage_set_kick(g->set);
}

static void resync(struct ground *g)
{
	begin_resync(g);
	flush_work(&g->set->resync);
}

/* Waits for another thread, for a minute or so at most. */
#define EVENTUALLY(test, condition)	KUNIT_ASSERT_TRUE(test, ({	\
	unsigned int tries = 3000;					\
	bool is;							\
									\
	while (!(is = (condition)) && tries--)				\
		msleep(20);						\
	is;								\
}))

static void connect_legs_of(struct kunit *test, const struct mage_backend_ops *ops,
			    unsigned int nr, unsigned int nr_columns)
{
	struct ground *g = test->priv;
	struct mage_leg_connect *legs = kunit_kcalloc(test, nr, sizeof(*legs), GFP_KERNEL);
	struct mage_connect *to = kunit_kzalloc(test, sizeof(*to), GFP_KERNEL);
	unsigned int i;

	to->size = SLOTS * PAGE_SIZE;
	to->legs = legs;
	to->nr_legs = nr;
	to->checksums = true;
	for (i = 0; i < nr; i++) {
		strscpy(legs[i].backend, ops->name);
		legs[i].column = i % nr_columns;
		legs[i].to.port = i;
		legs[i].to.loss_timeout_ms = MAGE_LOSS_TIMEOUT_MS;
	}
	g->disk = mage_disk_connect("set", to, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(g->disk));
	g->set = mage_set_of(&g->disk->dev);
	mutex_lock(&mage_disks_mutex);
	mage_disk_publish(g->disk);
	mutex_unlock(&mage_disks_mutex);
	hold_resync(g);
}

static void connect_legs(struct kunit *test, unsigned int nr, unsigned int nr_columns)
{
	connect_legs_of(test, &store_ops, nr, nr_columns);
}

static int ground_init(struct kunit *test)
{
	struct ground *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);
	unsigned int i;

	stores = kvcalloc(STORES, sizeof(*stores), GFP_KERNEL);
	if (!g || !stores)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(g->page); i++) {
		g->page[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!g->page[i])
			return -ENOMEM;
	}
	test->priv = g;
	return mage_backend_register(&store_ops) ?: mage_backend_register(&stubborn_ops);
}

/* Nothing waits for a store any more. */
static void let_go(void)
{
	unsigned int i;

	for (i = 0; i < STORES; i++) {
		answer_all(&stores[i], -EIO);
		arrive(&stores[i]);
	}
}

/* A test that was broken off may have left stores that hold what others wait for. */
static void settle(struct ground *g)
{
	let_go();
	/* It may just have seen that a store holds what comes. */
	while (work_busy(&g->set->resync)) {
		msleep(20);
		let_go();
	}
	flush_work(&g->set->write_work);
	if (g->removal.set)
		flush_work(&g->removal.work);
}

static void ground_exit(struct kunit *test)
{
	struct ground *g = test->priv;
	unsigned int i;

	mage_knobs.leg_ms = 3000;
	if (!g)
		return;
	if (!IS_ERR_OR_NULL(g->disk)) {
		settle(g);
		KUNIT_EXPECT_EQ(test, mage_disk_disconnect(g->disk->index, NULL), 0);
	}
	for (i = 0; i < STORES; i++)
		KUNIT_EXPECT_NULL(test, stores[i].dev);
	mage_backend_unregister(&stubborn_ops);
	mage_backend_unregister(&store_ops);
	for (i = 0; i < ARRAY_SIZE(g->page); i++)
		__free_page(g->page[i]);
	kvfree(stores);
}

/* Columns */

static void pages_are_spread_over_columns(struct kunit *test)
{
	struct ground *g;
	pgoff_t slot, in;

	connect_legs(test, 4, 2);
	g = test->priv;
	/* 1200 are 256 + 256, 256 + 256, and 176 of a run. */
	KUNIT_EXPECT_EQ(test, g->set->columns[0].nr_slots, 256 + 256 + 176);
	KUNIT_EXPECT_EQ(test, g->set->columns[1].nr_slots, 512);
	for (slot = 0; slot < SLOTS; slot++) {
		struct mage_column *column;

		KUNIT_ASSERT_EQ(test, put(test, slot, slot + 1), 0);
		in = slot;
		column = mage_set_column(g->set, &in);
		KUNIT_ASSERT_EQ(test, column->number, slot / 256 % 2);
		KUNIT_ASSERT_LT(test, in, column->nr_slots);
		KUNIT_ASSERT_EQ(test, mage_set_slot(g->set, column, in), slot);
		KUNIT_ASSERT_EQ(test, stores[column->number].word[in], slot + 1);
		KUNIT_ASSERT_EQ(test, stores[column->number + 2].word[in], slot + 1);
	}
	for (slot = 0; slot < SLOTS; slot++)
		KUNIT_ASSERT_EQ(test, get_once(test, slot, slot / 3), slot + 1);
}

static void batch_goes_to_more_than_one_column(struct kunit *test)
{
	struct ground *g = test->priv;
	unsigned int i;

	connect_legs(test, 2, 2);
	post(test, 254, 4, 100);
	KUNIT_EXPECT_TRUE(test, g->written);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, g->io[i].error, 0);
		KUNIT_EXPECT_EQ(test, get(test, 254 + i), 100 + i);
	}
	KUNIT_EXPECT_EQ(test, stores[0].word[255], 101);
	KUNIT_EXPECT_EQ(test, stores[1].word[0], 102);
}

/* Mirrors */

static void page_is_on_each_leg(struct kunit *test)
{
	connect_legs(test, 2, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 5), 0);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 5);
	KUNIT_EXPECT_EQ(test, stores[1].word[SLOT], 5);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 5);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 1), 5);
	KUNIT_EXPECT_EQ(test, stores[0].reads, 1);
	KUNIT_EXPECT_EQ(test, stores[1].reads, 1);
}

static void write_that_one_leg_fails_is_stale_there(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs(test, 2, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 5), 0);
	stores[0].write_error = -EIO;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 6), 0);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	KUNIT_EXPECT_EQ(test, leg_of(0)->nr_stale, 1);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 6);
	KUNIT_EXPECT_TRUE(test, mage_set_is_degraded(g->set));
	stores[0].write_error = 0;
	resync(g);
	KUNIT_EXPECT_FALSE(test, is_stale(0, SLOT));
	KUNIT_EXPECT_EQ(test, leg_of(0)->copied, 1);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 6);
	KUNIT_EXPECT_FALSE(test, mage_set_is_degraded(g->set));
}

static void write_that_is_acknowledged_is_stale_no_more(struct kunit *test)
{
	connect_legs(test, 2, 1);
	stores[0].write_error = -EIO;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 6), 0);
	stores[0].write_error = 0;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 7), 0);
	KUNIT_EXPECT_FALSE(test, is_stale(0, SLOT));
	KUNIT_EXPECT_EQ(test, leg_of(0)->nr_stale, 0);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 7);
}

static void write_that_all_legs_fail_fails(struct kunit *test)
{
	connect_legs(test, 2, 1);
	stores[0].write_error = -EIO;
	stores[1].write_error = -EIO;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 6), -EIO);
	/* Nobody has it, so nobody lacks it. */
	KUNIT_EXPECT_EQ(test, leg_of(0)->nr_stale + leg_of(1)->nr_stale, 0);
}

static void leg_is_suspended_under_a_write(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs(test, 2, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	stores[0].hold_writes = true;
	post(test, SLOT, 1, 2);
	KUNIT_EXPECT_FALSE(test, g->written);
	mage_device_suspend(stores[0].dev, "a test wants it so");
	KUNIT_EXPECT_FALSE(test, g->disk->dev.suspended);
	answer_all(&stores[0], -EIO);
	KUNIT_EXPECT_TRUE(test, g->written);
	KUNIT_EXPECT_EQ(test, g->io[0].error, 0);
	/* Before it is back. */
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	KUNIT_EXPECT_EQ(test, put(test, SLOT + 1, 3), 0);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT + 1));
	resync(g);
	KUNIT_EXPECT_EQ(test, leg_of(0)->nr_stale, 2);
	mage_device_resume(stores[0].dev);
	flush_work(&g->set->resync);
	KUNIT_EXPECT_EQ(test, leg_of(0)->nr_stale, 0);
	KUNIT_EXPECT_EQ(test, leg_of(0)->copied, 2);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 2);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT + 1], 3);
}

static void device_is_suspended_with_its_last_leg(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs(test, 2, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	mage_device_suspend(stores[0].dev, "a test wants it so");
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
	mage_device_suspend(stores[1].dev, "a test wants it so");
	KUNIT_EXPECT_TRUE(test, g->disk->dev.suspended);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), -EAGAIN);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 2), -EIO);
	mage_device_resume(stores[1].dev);
	KUNIT_EXPECT_FALSE(test, g->disk->dev.suspended);
	/* What was written nowhere left nothing behind. */
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
	mage_device_fail(stores[1].dev, "a test wants it so");
	KUNIT_EXPECT_TRUE(test, g->disk->dev.suspended);
	KUNIT_EXPECT_FALSE(test, g->disk->dev.failed);
	mage_device_fail(stores[0].dev, "a test wants it so");
	KUNIT_EXPECT_TRUE(test, g->disk->dev.failed);
}

static void page_of_a_leg_that_is_away_is_waited_for(struct kunit *test)
{
	struct ground *g = test->priv;
	struct mage_device *dev;

	connect_legs(test, 2, 1);
	dev = &g->disk->dev;
	stores[0].write_error = -EIO;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	KUNIT_EXPECT_EQ(test, mage_disk_look(g->disk, SLOT), 0);
	mage_device_suspend(stores[1].dev, "a test wants it so");
	KUNIT_EXPECT_FALSE(test, dev->suspended);
	KUNIT_EXPECT_EQ(test, mage_disk_look(g->disk, SLOT), -EAGAIN);
	KUNIT_EXPECT_EQ(test, get(test, SLOT), -EAGAIN);
	mage_device_fail(stores[1].dev, "a test wants it so");
	KUNIT_EXPECT_EQ(test, mage_disk_look(g->disk, SLOT), -EIO);
	KUNIT_EXPECT_EQ(test, get(test, SLOT), -EIO);
	KUNIT_EXPECT_FALSE(test, dev->failed);
}

static void read_that_fails_is_had_from_another_leg(struct kunit *test)
{
	struct ground *g = test->priv;
	unsigned int cpu;

	connect_legs(test, 2, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	stores[0].read_error = -EIO;
	stores[0].word[SLOT] = 0;
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), -EAGAIN);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	for (cpu = 0; cpu < 2; cpu++)
		KUNIT_EXPECT_EQ(test, get_once(test, SLOT, cpu), 1);
	stores[1].read_error = -EIO;
	/* The last copy is what there is. */
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), -EIO);
	KUNIT_EXPECT_FALSE(test, is_stale(1, SLOT));
	stores[0].read_error = 0;
	stores[1].read_error = 0;
	resync(g);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 1);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
}

static void leg_that_does_not_answer_is_suspended(struct kunit *test)
{
	struct ground *g = test->priv;
	/* The end of the test waits for its arrival. */
	struct mage_read_batch *batch = kunit_kzalloc(test, sizeof(*batch), GFP_KERNEL);
	struct mage_io *io = kunit_kzalloc(test, sizeof(*io), GFP_KERNEL);

	connect_legs(test, 2, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	*io = (struct mage_io){ .page = g->page[4], .slot = SLOT };
	*batch = (struct mage_read_batch){ .nr = 1, .io = io, .arrived = nothing };
	stores[0].hold_reads = true;
	g->disk->dev.ops->submit_reads(&g->disk->dev, 0, batch, true);
	EVENTUALLY(test, READ_ONCE(stores[0].dev->suspended));
	EVENTUALLY(test, !READ_ONCE(stores[0].reading));
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
	mage_device_resume(stores[0].dev);
	KUNIT_EXPECT_EQ(test, leg_of(0)->nr_stale, 0);
}

static void page_that_does_not_fit_is_had_from_another_leg(struct kunit *test)
{
	struct ground *g = test->priv;
	unsigned int i;

	connect_legs(test, 2, 1);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, put(test, SLOT + i, 1), 0);
		mage_checksum_set(g->disk, SLOT + i, mage_checksum_of(g->page[0], SLOT + i));
		/* Whichever is asked first, here and there. */
		stores[i].word[SLOT + i] = 2;
	}
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, get(test, SLOT + i / 2), 1);
	stores[0].word[SLOT + 1] = 2;
	KUNIT_EXPECT_LE(test, leg_of(0)->nr_stale + leg_of(1)->nr_stale, 2);
	KUNIT_EXPECT_GE(test, atomic_long_read(&leg_of(0)->mismatches) +
			atomic_long_read(&leg_of(1)->mismatches), 1);
	stores[0].word[SLOT + 1] = 1;
	resync(g);
	KUNIT_EXPECT_EQ(test, leg_of(0)->nr_stale + leg_of(1)->nr_stale, 0);
}

static void bit_that_flips_does_not_make_a_page_wait(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs(test, 2, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	mage_checksum_set(g->disk, SLOT, mage_checksum_of(g->page[0], SLOT));
	mage_device_suspend(stores[1].dev, "a test wants it so");
	stores[0].flips = 1;
	KUNIT_EXPECT_EQ(test, get(test, SLOT), 1);
	KUNIT_EXPECT_FALSE(test, is_stale(0, SLOT));
	/* What is wrong each time is had from the other one, when that is back. */
	stores[0].word[SLOT] = 2;
	KUNIT_EXPECT_EQ(test, get(test, SLOT), -EAGAIN);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	mage_device_resume(stores[1].dev);
	KUNIT_EXPECT_EQ(test, get(test, SLOT), 1);
}

static void wrong_page_is_not_copied(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs(test, 2, 1);
	stores[0].write_error = -EIO;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	stores[0].write_error = 0;
	mage_checksum_set(g->disk, SLOT, mage_checksum_of(g->page[0], SLOT));
	stores[1].flips = UINT_MAX;
	resync(g);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	stores[1].flips = 0;
	resync(g);
	KUNIT_EXPECT_FALSE(test, is_stale(0, SLOT));
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 1);
}

static void batch_of_reads_ends_where_the_leg_has_no_more(struct kunit *test)
{
	struct ground *g = test->priv;
	struct mage_io io[4];
	struct mage_read_batch batch = { .nr = 4, .io = io, .arrived = nothing };
	unsigned int i;

	connect_legs(test, 1, 1);
	post(test, SLOT, 4, 50);
	spin_lock_irq(&g->set->lock);
	mage_leg_set_stale(leg_of(0), SLOT + 2);
	spin_unlock_irq(&g->set->lock);
	for (i = 0; i < 4; i++)
		io[i] = (struct mage_io){ .page = g->page[i], .slot = SLOT + i };
	KUNIT_EXPECT_EQ(test, g->disk->dev.ops->submit_reads(&g->disk->dev, 0, &batch, false), 2);
	KUNIT_EXPECT_EQ(test, batch.nr, 2);
	KUNIT_EXPECT_EQ(test, io[1].error, 0);
	spin_lock_irq(&g->set->lock);
	mage_leg_clear_stale(leg_of(0), SLOT + 2);
	spin_unlock_irq(&g->set->lock);
}

/* Resync */

/* SLOT is stale on leg 0, and is being copied from leg 1, which has read it already. */
static void begin_copy(struct kunit *test, u64 word)
{
	struct ground *g = test->priv;

	connect_legs(test, 2, 1);
	stores[0].write_error = -EIO;
	KUNIT_ASSERT_EQ(test, put(test, SLOT, word), 0);
	stores[0].write_error = 0;
	stores[1].hold_reads = true;
	begin_resync(g);
	EVENTUALLY(test, READ_ONCE(stores[1].reading));
}

static void write_in_a_window_is_newer_than_the_copy(struct kunit *test)
{
	struct ground *g = test->priv;

	begin_copy(test, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 2), 0);
	/* One that was not stale there is now. */
	KUNIT_EXPECT_EQ(test, put(test, SLOT + 1, 3), 0);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT + 1));
	/* Out of the window it goes to both. */
	KUNIT_EXPECT_EQ(test, put(test, SLOT + MAGE_WINDOW, 4), 0);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT + MAGE_WINDOW], 4);
	arrive(&stores[1]);
	flush_work(&g->set->resync);
	KUNIT_EXPECT_EQ(test, leg_of(0)->nr_stale, 0);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 2);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT + 1], 3);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 2);
}

static void copy_that_is_under_way_is_not_read(struct kunit *test)
{
	struct ground *g = test->priv;

	begin_copy(test, 1);
	stores[0].hold_writes = true;
	arrive(&stores[1]);
	EVENTUALLY(test, READ_ONCE(stores[0].nr_held));
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
	answer_all(&stores[0], 0);
	flush_work(&g->set->resync);
	KUNIT_EXPECT_FALSE(test, is_stale(0, SLOT));
}

static void leg_that_is_suspended_in_its_window_stays_stale(struct kunit *test)
{
	struct ground *g = test->priv;

	begin_copy(test, 1);
	stores[0].hold_writes = true;
	arrive(&stores[1]);
	EVENTUALLY(test, READ_ONCE(stores[0].nr_held));
	/* It has the copy, and is gone before that is known; then there is a newer page. */
	mage_device_suspend(stores[0].dev, "a test wants it so");
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 2), 0);
	answer_all(&stores[0], 0);
	flush_work(&g->set->resync);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	mage_device_resume(stores[0].dev);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 2);
	flush_work(&g->set->resync);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 2);
}

static void window_waits_for_writes_of_before(struct kunit *test)
{
	struct ground *g = test->priv;
	unsigned int phase;

	connect_legs(test, 2, 1);
	stores[0].write_error = -EIO;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	stores[0].write_error = 0;
	/* Leg 0 has the new page, leg 1 not yet. */
	stores[1].hold_writes = true;
	post(test, SLOT, 1, 2);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 2);
	phase = g->set->phase;
	begin_resync(g);
	EVENTUALLY(test, READ_ONCE(g->set->phase) != phase);
	KUNIT_EXPECT_FALSE(test, g->written);
	answer_all(&stores[1], 0);
	flush_work(&g->set->resync);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 2);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 2);
	KUNIT_EXPECT_EQ(test, leg_of(0)->copied, 0);
}

static void only_what_is_stale_is_copied(struct kunit *test)
{
	struct ground *g = test->priv;
	pgoff_t slot;

	connect_legs(test, 2, 1);
	for (slot = 0; slot < SLOTS; slot++) {
		stores[0].write_error = slot % 5 ? 0 : -EIO;
		KUNIT_ASSERT_EQ(test, put(test, slot, slot), 0);
	}
	stores[0].write_error = 0;
	for (slot = 0; slot < SLOTS; slot++)
		stores[1].word[slot] += 10000;
	resync(g);
	KUNIT_EXPECT_EQ(test, leg_of(0)->copied, SLOTS / 5);
	for (slot = 0; slot < SLOTS; slot++)
		KUNIT_ASSERT_EQ(test, stores[0].word[slot], slot + (slot % 5 ? 0 : 10000));
}

/* Memory */

static void batch_waits_for_a_piece(struct kunit *test)
{
	struct ground *g = test->priv;
	struct mage_io io = { .page = g->page[4], .slot = SLOT + 1 };
	struct ground *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	struct mage_fail fail;

	connect_legs(test, 2, 1);
	stores[0].hold_writes = true;
	post(test, SLOT, 1, 1);
	KUNIT_ASSERT_EQ(test, mage_fail_begin(&fail, "mempool_alloc_noprof", 0), 0);
	other->write = (struct mage_io_batch){ .nr = 1, .io = &io, .done = is_written };
	*word_of(io.page) = 2;
	g->disk->dev.ops->submit_writes(&g->disk->dev, 0, &other->write);
	mage_fail_end(&fail);
	KUNIT_EXPECT_EQ(test, fail.failed, 1);
	KUNIT_EXPECT_FALSE(test, list_empty(&g->set->waiting));
	answer_all(&stores[0], 0);
	flush_work(&g->set->write_work);
	KUNIT_EXPECT_TRUE(test, g->written && other->written);
	KUNIT_EXPECT_EQ(test, io.error, 0);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT + 1], 2);
	KUNIT_EXPECT_EQ(test, stores[1].word[SLOT + 1], 2);
}

/* Legs that come and go */

static int add(struct ground *g, unsigned int i)
{
	struct mage_leg_connect to = { .to.port = i, .to.loss_timeout_ms = MAGE_LOSS_TIMEOUT_MS };

	strscpy(to.backend, store_ops.name);
	return mage_set_add_leg(g->set, &to, NULL);
}

static void leg_that_is_added_is_filled(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs(test, 1, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	KUNIT_EXPECT_EQ(test, put(test, SLOT + MAGE_WINDOW, 2), 0);
	KUNIT_ASSERT_EQ(test, add(g, 1), 0);
	KUNIT_EXPECT_EQ(test, leg_of(1)->nr_stale, 2);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 1), 1);
	KUNIT_EXPECT_EQ(test, mage_set_remove_leg(g->set, 0, NULL), -EBUSY);
	resync(g);
	KUNIT_EXPECT_EQ(test, leg_of(1)->nr_stale, 0);
	mage_device_fail(stores[0].dev, "a test wants it so");
	KUNIT_EXPECT_FALSE(test, g->disk->dev.failed);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT + MAGE_WINDOW, 0), 2);
	KUNIT_EXPECT_EQ(test, mage_set_remove_leg(g->set, 0, NULL), 0);
	KUNIT_EXPECT_NULL(test, stores[0].dev);
	KUNIT_EXPECT_FALSE(test, mage_set_is_degraded(g->set));
	KUNIT_EXPECT_EQ(test, mage_set_remove_leg(g->set, 1, NULL), -EBUSY);
	/* The place is taken again, not the number. */
	KUNIT_ASSERT_EQ(test, add(g, 0), 0);
	KUNIT_EXPECT_EQ(test, leg_of(0)->number, 2);
	KUNIT_EXPECT_EQ(test, g->set->columns[0].nr_legs, 2);
}

static void legs_with_the_only_copy_stay(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs(test, 2, 1);
	stores[0].write_error = -EIO;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	KUNIT_EXPECT_EQ(test, mage_set_remove_leg(g->set, 1, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, mage_set_remove_leg(g->set, 9, NULL), -ENODEV);
	KUNIT_EXPECT_EQ(test, mage_set_remove_leg(g->set, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, get(test, SLOT), 1);
}

static void remove_first(struct work_struct *work)
{
	struct removal *removal = container_of(work, struct removal, work);

	removal->err = mage_set_remove_leg(removal->set, 0, NULL);
}

static void leg_that_goes_does_not_count(struct kunit *test)
{
	struct ground *g = test->priv;
	struct removal *removal = &g->removal;
	struct mage_leg *leg;

	connect_legs(test, 2, 1);
	leg = leg_of(0);
	stores[1].hold_writes = true;
	/* Leg 0 has it. */
	post(test, SLOT, 1, 2);
	INIT_WORK(&removal->work, remove_first);
	removal->set = g->set;
	queue_work(system_unbound_wq, &removal->work);
	/* It waits for the write, so it is there. */
	EVENTUALLY(test, READ_ONCE(leg->leaving));
	answer_all(&stores[1], -EIO);
	flush_work(&removal->work);
	KUNIT_EXPECT_EQ(test, removal->err, 0);
	KUNIT_EXPECT_TRUE(test, g->written);
	KUNIT_EXPECT_EQ(test, g->io[0].error, -EIO);
}

/* Legs that do not answer */

/* Soon enough for a test; before that nothing is given up. */
#define LEG_MS	500

static void writes_go_on_without_a_leg(struct kunit *test)
{
	struct ground *g = test->priv;
	struct page *page = g->page[0];

	connect_legs_of(test, &stubborn_ops, 2, 1);
	mage_knobs.leg_ms = LEG_MS;
	stores[0].hold_writes = true;
	post(test, SLOT, 1, 1);
	KUNIT_EXPECT_FALSE(test, g->written);
	EVENTUALLY(test, READ_ONCE(g->written));
	KUNIT_EXPECT_EQ(test, g->io[0].error, 0);
	KUNIT_EXPECT_TRUE(test, stores[0].dev->suspended);
	KUNIT_EXPECT_FALSE(test, g->disk->dev.suspended);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	/* The store may still look at it. */
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
	/* It is not back as long as it has something, whatever else is written. */
	g->page[0] = alloc_page(GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, g->page[0]);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 2), 0);
	msleep(LEG_MS);
	KUNIT_EXPECT_TRUE(test, stores[0].dev->suspended);
	answer_all(&stores[0], 0);
	/* What comes late comes over nothing. */
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 1);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	EVENTUALLY(test, !READ_ONCE(stores[0].dev->suspended));
	resync(g);
	KUNIT_EXPECT_FALSE(test, is_stale(0, SLOT));
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 2);
	__free_page(page);
}

static void reads_go_on_without_a_leg(struct kunit *test)
{
	struct ground *g = test->priv;
	struct mage_io io = { .page = g->page[4], .slot = SLOT };
	struct mage_read_batch batch = { .nr = 1, .io = &io, .arrived = nothing };

	connect_legs_of(test, &stubborn_ops, 2, 1);
	mage_knobs.leg_ms = LEG_MS;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	stores[0].hold_reads = true;
	io.error = 1;
	g->disk->dev.ops->submit_reads(&g->disk->dev, 0, &batch, true);
	KUNIT_ASSERT_NOT_NULL(test, stores[0].reading);
	/* No late page comes over this one. */
	KUNIT_EXPECT_PTR_NE(test, stores[0].reading->io[0].page, g->page[4]);
	EVENTUALLY(test, READ_ONCE(io.error) == -EAGAIN);
	KUNIT_EXPECT_TRUE(test, stores[0].dev->suspended);
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
	arrive(&stores[0]);
	KUNIT_EXPECT_EQ(test, io.error, -EAGAIN);
	EVENTUALLY(test, !READ_ONCE(stores[0].dev->suspended));
	/* What is in time is copied. */
	KUNIT_EXPECT_EQ(test, get_once(test, SLOT, 0), 1);
}

static void only_leg_is_waited_for(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs_of(test, &stubborn_ops, 1, 1);
	mage_knobs.leg_ms = LEG_MS;
	stores[0].hold_writes = true;
	post(test, SLOT, 1, 1);
	msleep(3 * LEG_MS);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(g->written));
	KUNIT_EXPECT_FALSE(test, stores[0].dev->suspended);
	answer_all(&stores[0], 0);
	KUNIT_EXPECT_TRUE(test, g->written);
	KUNIT_EXPECT_EQ(test, g->io[0].error, 0);
}

static void copies_go_on_without_a_leg(struct kunit *test)
{
	struct ground *g = test->priv;
	struct mage_leg *first;

	connect_legs_of(test, &stubborn_ops, 3, 1);
	mage_knobs.leg_ms = LEG_MS;
	first = leg_of(0);
	stores[0].write_error = -EIO;
	stores[2].write_error = -EIO;
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 1), 0);
	stores[0].write_error = 0;
	stores[2].write_error = 0;
	stores[0].hold_writes = true;
	begin_resync(g);
	/* The first one keeps its copy; the third gets it. */
	EVENTUALLY(test, !is_stale(2, SLOT));
	KUNIT_EXPECT_EQ(test, stores[0].nr_held, 1);
	KUNIT_EXPECT_TRUE(test, stores[0].dev->suspended);
	KUNIT_EXPECT_EQ(test, first->nr_late, 1);
	KUNIT_EXPECT_EQ(test, put(test, SLOT, 2), 0);
	answer_all(&stores[0], 0);
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 1);
	KUNIT_EXPECT_TRUE(test, is_stale(0, SLOT));
	EVENTUALLY(test, !READ_ONCE(stores[0].dev->suspended));
	EVENTUALLY(test, !is_stale(0, SLOT));
	KUNIT_EXPECT_EQ(test, stores[0].word[SLOT], 2);
}

static void leg_that_does_not_answer_is_removed(struct kunit *test)
{
	struct ground *g = test->priv;

	connect_legs_of(test, &stubborn_ops, 2, 1);
	mage_knobs.leg_ms = LEG_MS;
	stores[0].hold_writes = true;
	post(test, SLOT, 1, 1);
	KUNIT_EXPECT_EQ(test, mage_set_remove_leg(g->set, 0, NULL), 0);
	KUNIT_EXPECT_TRUE(test, g->written);
	KUNIT_EXPECT_EQ(test, g->io[0].error, 0);
	KUNIT_EXPECT_FALSE(test, mage_set_is_degraded(g->set));
	/* It stays connected until it answers, also if the device goes before. */
	KUNIT_EXPECT_EQ(test, mage_disk_disconnect(g->disk->index, NULL), 0);
	g->disk = NULL;
	KUNIT_EXPECT_NOT_NULL(test, stores[0].dev);
	KUNIT_EXPECT_EQ(test, page_count(g->page[0]), 2);
	answer_all(&stores[0], 0);
	KUNIT_EXPECT_EQ(test, page_count(g->page[0]), 1);
	EVENTUALLY(test, !READ_ONCE(stores[0].dev));
}

static int remove_killably(void *data)
{
	struct removal *removal = data;

	allow_signal(SIGKILL);
	WRITE_ONCE(removal->err, mage_set_remove_leg(removal->set, 0, NULL));
	/* The signal is pending still. */
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return 0;
}

static void leg_stays_if_its_removal_is_killed(struct kunit *test)
{
	struct ground *g = test->priv;
	struct removal *removal = &g->removal;
	struct task_struct *task;
	struct mage_leg *leg;

	/* Legs 0 and 2 are one column; that of leg 1 has no other, so it is waited for. */
	connect_legs_of(test, &stubborn_ops, 4, 2);
	KUNIT_ASSERT_EQ(test, mage_set_remove_leg(g->set, 3, NULL), 0);
	leg = leg_of(0);
	stores[1].hold_writes = true;
	post(test, 256, 1, 5);
	INIT_WORK(&removal->work, remove_first);
	removal->set = g->set;
	removal->err = 1;
	task = kthread_run(remove_killably, removal, "kunit_remove");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	EVENTUALLY(test, READ_ONCE(leg->leaving));
	KUNIT_EXPECT_EQ(test, READ_ONCE(removal->err), 1);
	send_sig(SIGKILL, task, 1);
	EVENTUALLY(test, READ_ONCE(removal->err) != 1);
	KUNIT_EXPECT_EQ(test, removal->err, -EINTR);
	kthread_stop(task);
	KUNIT_EXPECT_TRUE(test, leg->live);
	/* Writes of before are waited for all the same, the next time. */
	removal->err = 1;
	queue_work(system_unbound_wq, &removal->work);
	EVENTUALLY(test, READ_ONCE(leg->leaving));
	KUNIT_EXPECT_EQ(test, READ_ONCE(removal->err), 1);
	answer_all(&stores[1], 0);
	flush_work(&removal->work);
	KUNIT_EXPECT_EQ(test, removal->err, 0);
	KUNIT_EXPECT_EQ(test, get_once(test, 256, 0), 5);
}

/* Reads */

static void queue_of_a_cpu_reads_from_each_leg(struct kunit *test)
{
	unsigned int i;

	connect_legs(test, 2, 1);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, put(test, i * 32, i), 0);
		KUNIT_EXPECT_EQ(test, get_once(test, i * 32, 0), i);
	}
	KUNIT_EXPECT_EQ(test, stores[0].reads, 2);
	KUNIT_EXPECT_EQ(test, stores[1].reads, 2);
}

static int set_suite_init(struct kunit_suite *suite)
{
	/* Nothing is to wait for its time. */
	mage_knobs.resync_mib = 0;
	return 0;
}

static void set_suite_exit(struct kunit_suite *suite)
{
	mage_knobs.resync_mib = 256;
}

static struct kunit_case set_cases[] = {
	KUNIT_CASE(pages_are_spread_over_columns),
	KUNIT_CASE(batch_goes_to_more_than_one_column),
	KUNIT_CASE(page_is_on_each_leg),
	KUNIT_CASE(write_that_one_leg_fails_is_stale_there),
	KUNIT_CASE(write_that_is_acknowledged_is_stale_no_more),
	KUNIT_CASE(write_that_all_legs_fail_fails),
	KUNIT_CASE(leg_is_suspended_under_a_write),
	KUNIT_CASE(device_is_suspended_with_its_last_leg),
	KUNIT_CASE(page_of_a_leg_that_is_away_is_waited_for),
	KUNIT_CASE(read_that_fails_is_had_from_another_leg),
	KUNIT_CASE(leg_that_does_not_answer_is_suspended),
	KUNIT_CASE(page_that_does_not_fit_is_had_from_another_leg),
	KUNIT_CASE(bit_that_flips_does_not_make_a_page_wait),
	KUNIT_CASE(wrong_page_is_not_copied),
	KUNIT_CASE(batch_of_reads_ends_where_the_leg_has_no_more),
	KUNIT_CASE(write_in_a_window_is_newer_than_the_copy),
	KUNIT_CASE(copy_that_is_under_way_is_not_read),
	KUNIT_CASE(leg_that_is_suspended_in_its_window_stays_stale),
	KUNIT_CASE(window_waits_for_writes_of_before),
	KUNIT_CASE(only_what_is_stale_is_copied),
	KUNIT_CASE(batch_waits_for_a_piece),
	KUNIT_CASE(leg_that_is_added_is_filled),
	KUNIT_CASE(legs_with_the_only_copy_stay),
	KUNIT_CASE(leg_that_goes_does_not_count),
	KUNIT_CASE(writes_go_on_without_a_leg),
	KUNIT_CASE(reads_go_on_without_a_leg),
	KUNIT_CASE(only_leg_is_waited_for),
	KUNIT_CASE(copies_go_on_without_a_leg),
	KUNIT_CASE(leg_that_does_not_answer_is_removed),
	KUNIT_CASE(leg_stays_if_its_removal_is_killed),
	KUNIT_CASE(queue_of_a_cpu_reads_from_each_leg),
	{}
};

static struct kunit_suite set_suite = {
	.name = "mage_set",
	.suite_init = set_suite_init,
	.suite_exit = set_suite_exit,
	.init = ground_init,
	.exit = ground_exit,
	.test_cases = set_cases,
};

kunit_test_suites(&set_suite);
