// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of a queue for writes: in which order pages are posted, that nobody
 * sleeps for room, and that all are given back when something fails.
 *
 * The queue pair is the test's: it takes down what is posted, and writes pages when it is
 * told to.
 */
#include <kunit/test.h>
#include <linux/container_of.h>
#include <linux/gfp.h>
#include <linux/mage_backend.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>

#include "session.h"
#include "write.h"

/* Writes that the queue holds, of which a chain is at most a quarter; slots of the node. */
#define DEPTH		32
#define CHAIN		(DEPTH / 4)
#define SLOTS		96
#define BATCHES		3
#define REMOTE		0x10000000ULL

/**
 * struct write_batch - a batch of writes
 * @batch: what the backend knows
 * @io: its elements
 * @ends: how often it was done
 */
struct write_batch {
	struct mage_io_batch batch;
	struct mage_io io[SLOTS];
	unsigned int ends;
};

/**
 * struct write_test - what each test works on
 * @session: a session that is live, with one writer
 * @writer: the writer
 * @dev: its far device
 * @ibdev: the RDMA device
 * @pd: its protection domain
 * @qp: the queue pair
 * @wr: what was posted, with its slot, page and flags
 * @posted: how many
 * @written: how many of them the memory node has answered
 * @doorbells: how often something was posted
 * @takes: how many more can be posted
 * @batch: batches; batch b writes pages of slots, and slot s gets page[s]
 * @used: slots that batches have so far
 * @page: each is filled with its number
 * @node: what the memory node has in each slot
 */
struct write_test {
	struct mage_rdma_session session;
	struct mage_rdma_writer writer;
	struct mage_device dev;
	struct ib_device ibdev;
	struct ib_pd pd;
	struct ib_qp qp;
	struct {
		struct ib_cqe *cqe;
		unsigned int slot;
		const void *page;
		bool signalled;
	} wr[SLOTS];
	unsigned int posted;
	unsigned int written;
	unsigned int doorbells;
	unsigned int takes;
	struct write_batch batch[BATCHES];
	unsigned int used;
	struct page *page[SLOTS];
	u8 *node[SLOTS];
};

static void enters(struct mage_rdma_session *session, enum mage_rdma_session_state state)
{
}

static void stopped(struct mage_rdma_session *session)
{
}

static const struct mage_rdma_session_ops write_test_ops = {
	.enters = enters,
	.stopped = stopped,
};

static int post_send(struct ib_qp *qp, const struct ib_send_wr *wr, const struct ib_send_wr **bad)
{
	struct write_test *t = container_of(qp, struct write_test, qp);

	t->doorbells++;
	for (; wr; wr = wr->next) {
		if (!t->takes || t->posted == ARRAY_SIZE(t->wr)) {
			*bad = wr;
			return -ENOMEM;
		}
		t->takes--;
		/* The work request is used again once it was given back. */
		t->wr[t->posted].cqe = wr->wr_cqe;
		t->wr[t->posted].slot = (rdma_wr(wr)->remote_addr - REMOTE) >> PAGE_SHIFT;
		t->wr[t->posted].page = (void *)(uintptr_t)wr->sg_list->addr;
		t->wr[t->posted].signalled = wr->send_flags & IB_SEND_SIGNALED;
		t->posted++;
	}
	return 0;
}

static void complete_one(struct write_test *t, unsigned int n, enum ib_wc_status status)
{
	struct ib_wc wc = { .wr_cqe = t->wr[n].cqe, .status = status };

	wc.wr_cqe->done(NULL, &wc);
}

/* The memory node writes the pages before @end, and their completions are handled. */
static void answer(struct write_test *t, unsigned int end)
{
	while (t->written < end) {
		unsigned int n = t->written++;

		memcpy(t->node[t->wr[n].slot], t->wr[n].page, PAGE_SIZE);
		if (t->wr[n].signalled)
			complete_one(t, n, IB_WC_SUCCESS);
	}
}

/* In the error state every work request makes a completion. */
static void drain_sq(struct ib_qp *qp)
{
	struct write_test *t = container_of(qp, struct write_test, qp);

	while (t->written < t->posted)
		complete_one(t, t->written++, IB_WC_WR_FLUSH_ERR);
}

static void done(struct mage_io_batch *batch)
{
	container_of(batch, struct write_batch, batch)->ends++;
}

static int write_test_init(struct kunit *test)
{
	struct write_test *t = kvzalloc(sizeof(*t), GFP_KERNEL);
	struct mage_rdma_session *session;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	for (i = 0; i < SLOTS; i++) {
		t->page[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, t->page[i]);
		memset(page_address(t->page[i]), i + 1, PAGE_SIZE);
		t->node[i] = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, t->node[i]);
	}
	session = &t->session;
	KUNIT_ASSERT_EQ(test, mage_rdma_session_init(session, &write_test_ops), 0);
	strscpy(session->name, "a test");
	session->loss_timeout_ms = 1000 * MSEC_PER_SEC;
	session->size = SLOTS * PAGE_SIZE;
	session->remote_addr = REMOTE;
	session->ibdev = &t->ibdev;
	session->pd = &t->pd;
	session->nr_writers = 1;
	session->writers = &t->writer;
	t->ibdev.ops.post_send = post_send;
	t->ibdev.ops.drain_sq = drain_sq;
	t->qp.device = &t->ibdev;
	t->takes = UINT_MAX;
	t->dev.private = session;
	mage_rdma_writer_init(&t->writer, session);
	KUNIT_ASSERT_EQ(test, mage_rdma_writer_reset(&t->writer, DEPTH), 0);
	t->writer.conn.qp = &t->qp;
	KUNIT_ASSERT_TRUE(test, mage_rdma_session_go_live(session));
	return 0;
}

static void write_test_exit(struct kunit *test)
{
	struct write_test *t = test->priv;
	unsigned int i;

	if (!t)
		return;
	if (t->session.ops) {
		/* No operation has been forgotten. */
		mage_rdma_session_end(&t->session);
		mage_rdma_session_refuse(&t->session);
		KUNIT_EXPECT_TRUE(test, mage_rdma_session_is_idle(&t->session));
		mage_rdma_session_exit(&t->session);
	}
	mage_rdma_writer_free(&t->writer);
	for (i = 0; i < SLOTS; i++)
		if (t->page[i])
			__free_page(t->page[i]);
	kvfree(t);
}

/* Batch @b writes the next @nr slots. */
static void submit(struct write_test *t, unsigned int b, unsigned int nr)
{
	struct write_batch *batch = &t->batch[b];
	unsigned int i;

	batch->batch.nr = nr;
	batch->batch.io = batch->io;
	batch->batch.done = done;
	for (i = 0; i < nr; i++) {
		batch->io[i].page = t->page[t->used];
		batch->io[i].slot = t->used++;
		batch->io[i].error = 1;
	}
	mage_rdma_submit_writes(&t->dev, 0, &batch->batch);
}

/* Batch @b has ended, and of its pages the first @good are on the memory node. */
static void expect_end(struct kunit *test, unsigned int b, unsigned int good)
{
	struct write_test *t = test->priv;
	struct write_batch *batch = &t->batch[b];
	unsigned int i;

	KUNIT_EXPECT_EQ(test, batch->ends, 1);
	for (i = 0; i < batch->batch.nr; i++) {
		pgoff_t slot = batch->io[i].slot;

		KUNIT_EXPECT_EQ(test, batch->io[i].error, i < good ? 0 : -EIO);
		if (i < good)
			KUNIT_EXPECT_PTR_EQ(test, memchr_inv(t->node[slot], slot + 1, PAGE_SIZE),
					    NULL);
	}
}

/* All have ended but for those from @b on. */
static void expect_under_way(struct kunit *test, unsigned int b)
{
	struct write_test *t = test->priv;

	for (; b < BATCHES; b++)
		KUNIT_EXPECT_EQ(test, t->batch[b].ends, 0);
}

static void batch_is_posted_in_chains(struct kunit *test)
{
	struct write_test *t = test->priv;
	unsigned int i;

	submit(t, 0, 2 * CHAIN + 3);
	KUNIT_EXPECT_EQ(test, t->doorbells, 3);
	KUNIT_ASSERT_EQ(test, t->posted, 2 * CHAIN + 3);
	for (i = 0; i < t->posted; i++) {
		KUNIT_EXPECT_EQ(test, t->wr[i].slot, i);
		KUNIT_EXPECT_PTR_EQ(test, t->wr[i].page, page_address(t->page[i]));
		KUNIT_EXPECT_EQ(test, t->wr[i].signalled,
				i == CHAIN - 1 || i == 2 * CHAIN - 1 || i == 2 * CHAIN + 2);
	}
	answer(t, t->posted - 1);
	expect_under_way(test, 0);
	answer(t, t->posted);
	expect_end(test, 0, 2 * CHAIN + 3);
}

/* Who submits goes on with what other devices take, however long this one takes. */
static void batch_that_finds_no_room_waits_for_it_alone(struct kunit *test)
{
	struct write_test *t = test->priv;
	unsigned int i;

	submit(t, 0, DEPTH - 1);
	KUNIT_EXPECT_EQ(test, t->posted, DEPTH - 1);
	submit(t, 1, DEPTH);
	/* There is room for it, but others came before. */
	submit(t, 2, 1);
	KUNIT_EXPECT_EQ(test, t->posted, DEPTH - 1);
	answer(t, CHAIN - 1);
	KUNIT_EXPECT_EQ(test, t->posted, DEPTH - 1);
	answer(t, CHAIN);
	KUNIT_EXPECT_EQ(test, t->posted, DEPTH - 1 + CHAIN);
	expect_under_way(test, 0);
	answer(t, DEPTH - 1);
	expect_end(test, 0, DEPTH - 1);
	expect_under_way(test, 1);
	KUNIT_EXPECT_EQ(test, t->posted, 2 * DEPTH - 1);
	answer(t, t->posted);
	answer(t, t->posted);
	expect_end(test, 1, DEPTH);
	expect_end(test, 2, 1);
	for (i = 0; i < t->posted; i++)
		KUNIT_EXPECT_EQ(test, t->wr[i].slot, i);
}

static void all_that_wait_are_given_back(struct kunit *test)
{
	struct write_test *t = test->priv;

	submit(t, 0, DEPTH - CHAIN);
	submit(t, 1, 2 * CHAIN);
	submit(t, 2, 3);
	KUNIT_EXPECT_EQ(test, t->posted, DEPTH);
	answer(t, CHAIN - 1);
	mage_rdma_lost(&t->session, "a test wants it so");
	/* The last of the room that came is not used any more. */
	answer(t, CHAIN);
	KUNIT_EXPECT_EQ(test, t->posted, DEPTH);
	expect_under_way(test, 0);
	mage_rdma_writer_stop(&t->writer);
	KUNIT_EXPECT_EQ(test, t->written, DEPTH);
	expect_end(test, 0, CHAIN);
	expect_end(test, 1, 0);
	expect_end(test, 2, 0);
	/* The next one comes to nothing at once. */
	t->batch[2].ends = 0;
	submit(t, 2, 5);
	expect_end(test, 2, 0);
}

/* What waits is given back before the queue pair is stopped, but not for nothing. */
static void what_waits_is_refused_first(struct kunit *test)
{
	struct write_test *t = test->priv;

	submit(t, 0, DEPTH - CHAIN);
	submit(t, 1, 2 * CHAIN);
	submit(t, 2, 3);
	mage_rdma_writer_refuse(&t->writer);
	expect_under_way(test, 0);
	mage_rdma_lost(&t->session, "a test wants it so");
	mage_rdma_writer_refuse(&t->writer);
	expect_end(test, 2, 0);
	/* Of these there are pages under way. */
	KUNIT_EXPECT_EQ(test, t->batch[0].ends, 0);
	KUNIT_EXPECT_EQ(test, t->batch[1].ends, 0);
	answer(t, DEPTH - CHAIN);
	expect_end(test, 0, DEPTH - CHAIN);
	mage_rdma_writer_stop(&t->writer);
	expect_end(test, 1, 0);
	KUNIT_EXPECT_EQ(test, t->batch[2].ends, 1);
}

/* The queue pair takes a part of the chain; all of it comes back when it is stopped. */
static void what_cannot_be_posted_comes_back(struct kunit *test)
{
	struct write_test *t = test->priv;

	submit(t, 0, 3);
	t->takes = 5;
	submit(t, 1, 2 * CHAIN);
	KUNIT_EXPECT_EQ(test, t->posted, 8);
	KUNIT_EXPECT_EQ(test, t->session.state, MAGE_RDMA_SUSPENDED);
	expect_under_way(test, 0);
	/* The node may have answered meanwhile what was posted before. */
	answer(t, 3);
	expect_end(test, 0, 3);
	mage_rdma_writer_stop(&t->writer);
	expect_end(test, 1, 0);
	mage_rdma_writer_stop(&t->writer);
	KUNIT_EXPECT_EQ(test, t->batch[1].ends, 1);
}

static struct kunit_case write_test_cases[] = {
	KUNIT_CASE(batch_is_posted_in_chains),
	KUNIT_CASE(batch_that_finds_no_room_waits_for_it_alone),
	KUNIT_CASE(all_that_wait_are_given_back),
	KUNIT_CASE(what_waits_is_refused_first),
	KUNIT_CASE(what_cannot_be_posted_comes_back),
	{}
};

static struct kunit_suite write_test_suite = {
	.name = "mage_rdma_write",
	.init = write_test_init,
	.exit = write_test_exit,
	.test_cases = write_test_cases,
};

kunit_test_suite(write_test_suite);
