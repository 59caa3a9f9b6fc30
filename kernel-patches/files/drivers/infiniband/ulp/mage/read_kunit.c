// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of a queue for reads: what is posted, in which order pages are given
 * back, and that all of them are when something fails.
 *
 * The queue pair is the test's: it takes down what is posted, and reads pages when it is
 * told to.
 */
#include <kunit/test.h>
#include <linux/container_of.h>
#include <linux/gfp.h>
#include <linux/mage_backend.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>

#include "read.h"
#include "session.h"

/* Reads that the queue holds; pages of the memory node, each filled with its number. */
#define DEPTH		32
#define SLOTS		64
#define BATCHES		8
#define REMOTE		0x10000000ULL
#define RKEY		77

/**
 * struct read_batch - a batch of reads
 * @batch: what the backend knows
 * @io: its elements
 * @got: how many have arrived
 * @wrong: arrivals that did not rise, or came before the page was read
 */
struct read_batch {
	struct mage_read_batch batch;
	struct mage_io io[SLOTS];
	unsigned int got;
	unsigned int wrong;
};

/**
 * struct read_test - what each test works on
 * @session: a session that is live, with one reader
 * @reader: the reader
 * @dev: its far device
 * @ibdev: the RDMA device
 * @pd: its protection domain
 * @qp: the queue pair
 * @wr: what was posted
 * @posted: how many
 * @read: how many of them the memory node has answered
 * @doorbells: how often something was posted
 * @takes: how many more can be posted
 * @stops: how often the owner was told that the session is not live any more
 * @batch: batches
 * @page: what pages are read into; of batch b element i is page[b][i]
 */
struct read_test {
	struct mage_rdma_session session;
	struct mage_rdma_reader reader;
	struct mage_device dev;
	struct ib_device ibdev;
	struct ib_pd pd;
	struct ib_qp qp;
	const struct ib_send_wr *wr[256];
	unsigned int posted;
	unsigned int read;
	unsigned int doorbells;
	unsigned int takes;
	unsigned int stops;
	struct read_batch batch[BATCHES];
	struct page *page[BATCHES][SLOTS];
};

static void enters(struct mage_rdma_session *session, enum mage_rdma_session_state state)
{
}

static void stopped(struct mage_rdma_session *session)
{
	container_of(session, struct read_test, session)->stops++;
}

static const struct mage_rdma_session_ops read_test_ops = {
	.enters = enters,
	.stopped = stopped,
};

static int post_send(struct ib_qp *qp, const struct ib_send_wr *wr, const struct ib_send_wr **bad)
{
	struct read_test *t = container_of(qp, struct read_test, qp);

	t->doorbells++;
	for (; wr; wr = wr->next) {
		if (!t->takes || t->posted == ARRAY_SIZE(t->wr)) {
			*bad = wr;
			return -ENOMEM;
		}
		t->takes--;
		t->wr[t->posted++] = wr;
	}
	return 0;
}

/* Makes the completion of the @n-th work request. */
static void complete_one(struct read_test *t, unsigned int n, enum ib_wc_status status)
{
	struct ib_wc wc = { .wr_cqe = t->wr[n]->wr_cqe, .status = status };

	wc.wr_cqe->done(NULL, &wc);
}

/* The memory node answers the work requests before @end.  No completion is handled yet. */
static void answer(struct read_test *t, unsigned int end)
{
	for (; t->read < end; t->read++) {
		const struct ib_send_wr *wr = t->wr[t->read];

		memset((void *)(uintptr_t)wr->sg_list->addr,
		       (rdma_wr(wr)->remote_addr - REMOTE) >> PAGE_SHIFT, PAGE_SIZE);
	}
}

/* It answers those before @end, and their completions are handled. */
static void answer_and_complete(struct read_test *t, unsigned int end)
{
	unsigned int n = t->read;

	answer(t, end);
	for (; n < end; n++)
		if (t->wr[n]->send_flags & IB_SEND_SIGNALED)
			complete_one(t, n, IB_WC_SUCCESS);
}

/* In the error state every work request makes a completion. */
static void flush(struct read_test *t)
{
	while (t->read < t->posted)
		complete_one(t, t->read++, IB_WC_WR_FLUSH_ERR);
}

static void drain_sq(struct ib_qp *qp)
{
	flush(container_of(qp, struct read_test, qp));
}

static bool page_is_read(const struct mage_io *io)
{
	return !memchr_inv(page_address(io->page), io->slot, PAGE_SIZE);
}

static void arrived(struct mage_read_batch *batch, unsigned int nr)
{
	struct read_batch *b = container_of(batch, struct read_batch, batch);

	if (nr <= b->got || nr > batch->nr)
		b->wrong++;
	for (; b->got < nr; b->got++)
		if (!b->io[b->got].error && !page_is_read(&b->io[b->got]))
			b->wrong++;
}

static int read_test_init(struct kunit *test)
{
	struct read_test *t = kvzalloc(sizeof(*t), GFP_KERNEL);
	struct mage_rdma_session *session;
	unsigned int b, i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	for (b = 0; b < BATCHES; b++) {
		for (i = 0; i < SLOTS; i++) {
			t->page[b][i] = alloc_page(GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, t->page[b][i]);
		}
	}
	session = &t->session;
	KUNIT_ASSERT_EQ(test, mage_rdma_session_init(session, &read_test_ops), 0);
	strscpy(session->name, "a test");
	session->loss_timeout_ms = 1000 * MSEC_PER_SEC;
	session->size = SLOTS * PAGE_SIZE;
	session->remote_addr = REMOTE;
	session->rkey = RKEY;
	session->ibdev = &t->ibdev;
	session->pd = &t->pd;
	session->nr_readers = 1;
	session->readers = &t->reader;
	t->ibdev.ops.post_send = post_send;
	t->ibdev.ops.drain_sq = drain_sq;
	t->qp.device = &t->ibdev;
	t->takes = UINT_MAX;
	t->dev.private = session;
	mage_rdma_reader_init(&t->reader, session);
	KUNIT_ASSERT_EQ(test, mage_rdma_reader_reset(&t->reader, DEPTH), 0);
	t->reader.conn.qp = &t->qp;
	KUNIT_ASSERT_TRUE(test, mage_rdma_session_go_live(session));
	return 0;
}

static void read_test_exit(struct kunit *test)
{
	struct read_test *t = test->priv;
	unsigned int b, i;

	if (!t)
		return;
	if (t->session.ops) {
		/* No operation has been forgotten. */
		mage_rdma_session_end(&t->session);
		mage_rdma_session_refuse(&t->session);
		/* The count can reach 0 after a grace period only, however long that takes. */
		rcu_barrier();
		KUNIT_EXPECT_TRUE(test, mage_rdma_session_is_idle(&t->session));
		mage_rdma_session_exit(&t->session);
	}
	mage_rdma_reader_free(&t->reader);
	for (b = 0; b < BATCHES; b++)
		for (i = 0; i < SLOTS; i++)
			if (t->page[b][i])
				__free_page(t->page[b][i]);
	kvfree(t);
}

/* Batch @b asks for @nr pages from slot @slot on; how many were accepted. */
static unsigned int submit(struct read_test *t, unsigned int b, unsigned int slot,
			   unsigned int nr, bool urgent)
{
	struct read_batch *batch = &t->batch[b];
	unsigned int i;

	batch->batch.nr = nr;
	batch->batch.io = batch->io;
	batch->batch.arrived = arrived;
	batch->got = 0;
	for (i = 0; i < nr; i++) {
		batch->io[i].page = t->page[b][i];
		batch->io[i].slot = slot + i;
		batch->io[i].error = 1;
		/* No slot is of that. */
		memset(page_address(t->page[b][i]), 0xff, PAGE_SIZE);
	}
	return mage_rdma_submit_reads(&t->dev, 0, &batch->batch, urgent);
}

/* Of batch @b have arrived @nr, of which the first @good are there, and the others not. */
static void expect(struct kunit *test, unsigned int b, unsigned int nr, unsigned int good)
{
	struct read_test *t = test->priv;
	struct read_batch *batch = &t->batch[b];
	unsigned int i;

	KUNIT_EXPECT_EQ(test, batch->wrong, 0);
	KUNIT_EXPECT_EQ(test, batch->got, nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, batch->io[i].error, i < good ? 0 : -EAGAIN);
}

static void batch_is_one_chain(struct kunit *test)
{
	struct read_test *t = test->priv;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, submit(t, 0, 3, 20, true), 20);
	KUNIT_EXPECT_EQ(test, t->doorbells, 1);
	KUNIT_ASSERT_EQ(test, t->posted, 20);
	for (i = 0; i < 20; i++) {
		const struct ib_send_wr *wr = t->wr[i];

		KUNIT_EXPECT_EQ(test, wr->opcode, IB_WR_RDMA_READ);
		KUNIT_EXPECT_EQ(test, !!(wr->send_flags & IB_SEND_SIGNALED),
				i == 7 || i == 15 || i == 19);
		KUNIT_EXPECT_EQ(test, wr->num_sge, 1);
		KUNIT_EXPECT_EQ(test, wr->sg_list->length, PAGE_SIZE);
		KUNIT_EXPECT_PTR_EQ(test, (void *)(uintptr_t)wr->sg_list->addr,
				    page_address(t->page[0][i]));
		KUNIT_EXPECT_EQ(test, rdma_wr(wr)->rkey, RKEY);
		KUNIT_EXPECT_EQ(test, rdma_wr(wr)->remote_addr, REMOTE + (3 + i) * PAGE_SIZE);
	}
	expect(test, 0, 0, 0);
	answer_and_complete(t, 8);
	expect(test, 0, 8, 8);
	/* Read, but nobody has said so. */
	answer_and_complete(t, 15);
	expect(test, 0, 8, 8);
	answer_and_complete(t, 20);
	expect(test, 0, 20, 20);
}

/* Two CPUs handle completions, and the second is faster. */
static void completions_that_overtake_each_other(struct kunit *test)
{
	struct read_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, submit(t, 0, 0, 16, true), 16);
	KUNIT_ASSERT_EQ(test, submit(t, 1, 16, 1, true), 1);
	answer(t, 17);
	complete_one(t, 15, IB_WC_SUCCESS);
	complete_one(t, 16, IB_WC_SUCCESS);
	expect(test, 0, 0, 0);
	expect(test, 1, 0, 0);
	/* The slot of the one that is still to be handled is not used again. */
	KUNIT_EXPECT_EQ(test, submit(t, 2, 0, DEPTH, true), DEPTH - 10);
	complete_one(t, 7, IB_WC_SUCCESS);
	expect(test, 0, 16, 16);
	expect(test, 1, 1, 1);
	answer_and_complete(t, t->posted);
	expect(test, 2, DEPTH - 10, DEPTH - 10);
}

static void some_room_is_kept_for_who_waits(struct kunit *test)
{
	struct read_test *t = test->priv;

	/* Half of the queue. */
	KUNIT_EXPECT_EQ(test, submit(t, 0, 0, 32, false), 16);
	KUNIT_EXPECT_EQ(test, t->batch[0].batch.nr, 16);
	KUNIT_EXPECT_EQ(test, submit(t, 1, 0, 1, false), 0);
	KUNIT_EXPECT_EQ(test, t->batch[1].batch.nr, 1);
	KUNIT_EXPECT_EQ(test, submit(t, 2, 20, 20, true), 16);
	KUNIT_EXPECT_EQ(test, submit(t, 3, 40, 1, true), 0);
	KUNIT_EXPECT_EQ(test, t->doorbells, 2);
	KUNIT_EXPECT_EQ(test, t->posted, 32);
	answer_and_complete(t, 8);
	/* There is room, but not for everybody. */
	KUNIT_EXPECT_EQ(test, submit(t, 1, 0, 1, false), 0);
	KUNIT_EXPECT_EQ(test, submit(t, 3, 40, 1, true), 1);
	mage_rdma_await_reads(&t->dev, 0);
	answer_and_complete(t, t->posted);
	expect(test, 0, 16, 16);
	expect(test, 1, 0, 0);
	expect(test, 2, 16, 16);
	expect(test, 3, 1, 1);
}

static void ring_goes_round(struct kunit *test)
{
	struct read_test *t = test->priv;
	unsigned int round;

	for (round = 0; round < 9; round++) {
		KUNIT_ASSERT_EQ(test, submit(t, 0, round, 15, true), 15);
		KUNIT_ASSERT_EQ(test, submit(t, 1, 63, 1, true), 1);
		answer_and_complete(t, t->posted - 1);
		expect(test, 0, 15, 15);
		expect(test, 1, 0, 0);
		answer_and_complete(t, t->posted);
		expect(test, 1, 1, 1);
	}
	KUNIT_EXPECT_TRUE(test, mage_rdma_live(&t->session));
}

/* What was not signalled before the error cannot be told from what has failed. */
static void error_in_the_middle_of_a_chain(struct kunit *test)
{
	struct read_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, submit(t, 0, 0, 20, true), 20);
	KUNIT_ASSERT_EQ(test, submit(t, 1, 20, 3, true), 3);
	answer_and_complete(t, 10);
	complete_one(t, t->read++, IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, t->session.state, MAGE_RDMA_SUSPENDED);
	KUNIT_EXPECT_EQ(test, t->stops, 1);
	expect(test, 0, 11, 8);
	flush(t);
	expect(test, 0, 20, 8);
	expect(test, 1, 3, 0);
	/* The next ones come to nothing at once. */
	KUNIT_EXPECT_EQ(test, submit(t, 2, 0, 5, true), 5);
	KUNIT_EXPECT_EQ(test, t->posted, 23);
	expect(test, 2, 5, 0);
	mage_rdma_await_reads(&t->dev, 0);
	mage_rdma_reader_stop(&t->reader);
	KUNIT_EXPECT_EQ(test, t->stops, 1);
}

/* The queue pair takes a part of the chain; all of it comes back when it is stopped. */
static void what_cannot_be_posted_comes_back(struct kunit *test)
{
	struct read_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, submit(t, 0, 0, 3, true), 3);
	t->takes = 5;
	KUNIT_EXPECT_EQ(test, submit(t, 1, 3, 20, true), 20);
	KUNIT_EXPECT_EQ(test, t->posted, 8);
	KUNIT_EXPECT_EQ(test, t->session.state, MAGE_RDMA_SUSPENDED);
	KUNIT_EXPECT_EQ(test, t->stops, 1);
	expect(test, 1, 0, 0);
	/* The node may have answered meanwhile what was posted before. */
	answer_and_complete(t, 3);
	expect(test, 0, 3, 3);
	mage_rdma_reader_stop(&t->reader);
	KUNIT_EXPECT_EQ(test, t->read, 8);
	expect(test, 1, 20, 0);
}

/* A read that does not complete is given back when the queue pair is stopped. */
static void read_that_is_overdue_ends(struct kunit *test)
{
	struct read_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, submit(t, 0, 0, 1, true), 1);
	mage_rdma_overdue_reads(&t->dev);
	KUNIT_EXPECT_EQ(test, t->session.state, MAGE_RDMA_SUSPENDED);
	expect(test, 0, 0, 0);
	mage_rdma_reader_stop(&t->reader);
	expect(test, 0, 1, 0);
}

static void session_that_has_failed_says_so(struct kunit *test)
{
	struct read_test *t = test->priv;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, submit(t, 0, 0, 2, true), 2);
	mage_rdma_fail(&t->session, "a test wants it so");
	mage_rdma_reader_stop(&t->reader);
	KUNIT_EXPECT_EQ(test, submit(t, 1, 0, 2, false), 2);
	KUNIT_EXPECT_EQ(test, t->posted, 2);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, t->batch[i].got, 2);
		KUNIT_EXPECT_EQ(test, t->batch[i].io[0].error, -EIO);
		KUNIT_EXPECT_EQ(test, t->batch[i].io[1].error, -EIO);
	}
}

static struct kunit_case read_test_cases[] = {
	KUNIT_CASE(batch_is_one_chain),
	KUNIT_CASE(completions_that_overtake_each_other),
	KUNIT_CASE(some_room_is_kept_for_who_waits),
	KUNIT_CASE(ring_goes_round),
	KUNIT_CASE(error_in_the_middle_of_a_chain),
	KUNIT_CASE(what_cannot_be_posted_comes_back),
	KUNIT_CASE(read_that_is_overdue_ends),
	KUNIT_CASE(session_that_has_failed_says_so),
	{}
};

static struct kunit_suite read_test_suite = {
	.name = "mage_rdma_read",
	.init = read_test_init,
	.exit = read_test_exit,
	.test_cases = read_test_cases,
};

kunit_test_suite(read_test_suite);
