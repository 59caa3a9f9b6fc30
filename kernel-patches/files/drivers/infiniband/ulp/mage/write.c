// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's writes.
 *
 * A writer is a queue pair with a ring of work requests.  A batch is posted as
 * a chain, of which the last one is signalled; a chain longer than a quarter
 * of the ring has signalled ones in between, so that the next batch finds
 * room.  A reliable connection completes in order: the completion of a
 * signalled write says that those before it succeeded too.
 *
 * After an error every write that was not acknowledged is given back as
 * failed, without asking which of them made it.
 */
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mage_backend.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "session.h"
#include "write.h"

#define MAGE_RDMA_WRITE_QUEUE	(4 * MAGE_BATCH_MAX)
#define MAGE_RDMA_WRITE_LEAST	16
#define MAGE_RDMA_WRITE_TIMEOUT	(30 * HZ)
#define MAGE_RDMA_WRITE_POLL	64

/**
 * struct mage_rdma_write - one page write in the ring of a writer
 * @cqe: its completion
 * @wr: work request
 * @sge: the page
 * @batch: whose page it is
 * @io: the page
 * @seq: place in the order of posting
 * @signalled: it makes a completion also when it succeeds
 * @handled: that completion was handled
 * @writer: whose ring it is in
 */
struct mage_rdma_write {
	struct ib_cqe cqe;
	struct ib_rdma_wr wr;
	struct ib_sge sge;
	struct mage_io_batch *batch;
	struct mage_io *io;
	unsigned long seq;
	bool signalled;
	bool handled;
	struct mage_rdma_writer *writer;
};

static void mage_rdma_write_done(struct ib_cq *cq, struct ib_wc *wc);

static struct mage_rdma_write *
mage_rdma_writer_slot(struct mage_rdma_writer *writer, unsigned long seq)
{
	return &writer->ring[seq & (writer->depth - 1)];
}

static unsigned int mage_rdma_writer_room(struct mage_rdma_writer *writer)
{
	unsigned long flags;
	unsigned int room;

	spin_lock_irqsave(&writer->lock, flags);
	room = writer->depth - (writer->head - writer->tail);
	spin_unlock_irqrestore(&writer->lock, flags);

	return room;
}

void mage_rdma_writer_init(struct mage_rdma_writer *writer,
			   struct mage_rdma_session *session)
{
	mage_rdma_conn_init(&writer->conn, session);
	mutex_init(&writer->submit);
	spin_lock_init(&writer->lock);
	init_waitqueue_head(&writer->room);
}

/* Makes the ring, of this depth, if it is not there, and empties it. */
static int mage_rdma_writer_reset(struct mage_rdma_writer *writer, unsigned int depth)
{
	struct mage_rdma_session *session = writer->conn.session;
	unsigned int i;

	if (writer->depth != depth)
		mage_rdma_writer_free(writer);
	if (!writer->ring)
		writer->ring = kvcalloc(depth, sizeof(*writer->ring), GFP_KERNEL);
	if (!writer->ring)
		return -ENOMEM;
	writer->depth = depth;
	writer->head = 0;
	writer->acked = 0;
	writer->tail = 0;
	writer->error = 0;

	for (i = 0; i < writer->depth; i++) {
		struct mage_rdma_write *write = &writer->ring[i];

		write->writer = writer;
		write->cqe.done = mage_rdma_write_done;
		write->sge.length = PAGE_SIZE;
		write->sge.lkey = session->pd->local_dma_lkey;
		write->wr.rkey = session->rkey;
		write->wr.wr.wr_cqe = &write->cqe;
		write->wr.wr.sg_list = &write->sge;
		write->wr.wr.num_sge = 1;
		write->wr.wr.opcode = IB_WR_RDMA_WRITE;
	}

	return 0;
}

int mage_rdma_writer_open(struct mage_rdma_writer *writer, unsigned int queue,
			  struct netlink_ext_ack *extack)
{
	struct mage_rdma_conn *conn = &writer->conn;
	struct mage_rdma_session *session = conn->session;
	int most = min(session->ibdev->attrs.max_qp_wr,
		       session->ibdev->attrs.max_cqe) - 4;
	unsigned int depth;
	int ret;

	if (most < MAGE_RDMA_WRITE_LEAST) {
		NL_SET_ERR_MSG(extack, "the RDMA device's queues are too short");
		return -EINVAL;
	}
	depth = rounddown_pow_of_two(min(MAGE_RDMA_WRITE_QUEUE, most));

	mage_rdma_conn_init(conn, session);
	ret = mage_rdma_writer_reset(writer, depth);
	if (ret) {
		NL_SET_ERR_MSG(extack, "no memory for a queue of writes");
		return ret;
	}
	ret = mage_rdma_conn_resolve(conn, extack);
	if (ret)
		return ret;
	ret = mage_rdma_conn_create_qp(conn, writer->depth, 0, extack);
	if (ret)
		return ret;

	return mage_rdma_conn_connect(conn, MAGE_WIRE_DATA, queue, extack);
}

void mage_rdma_writer_destroy_qp(struct mage_rdma_writer *writer)
{
	mage_rdma_conn_destroy_qp(&writer->conn);
}

void mage_rdma_writer_free(struct mage_rdma_writer *writer)
{
	kvfree(writer->ring);
	writer->ring = NULL;
}

/* @nr pages of @batch have their results; the last ones end the batch. */
static bool mage_rdma_batch_put(struct mage_io_batch *batch, unsigned int nr)
{
	unsigned long left = (unsigned long)batch->private - nr;

	batch->private = (void *)left;
	return !left;
}

static void mage_rdma_batch_done(struct mage_rdma_writer *writer,
				 struct mage_io_batch *batch)
{
	batch->done(batch);
	mage_rdma_session_put(writer->conn.session);
}

/* Gives back the acknowledged writes, and after an error all of them. */
static void mage_rdma_writer_reap(struct mage_rdma_writer *writer,
				  unsigned long acked, int error)
{
	struct ib_device *ibdev = writer->conn.session->ibdev;
	unsigned long flags;

	spin_lock_irqsave(&writer->lock, flags);
	if (error)
		writer->error = error;
	if ((long)(acked - writer->acked) > 0)
		writer->acked = acked;

	while (writer->tail != writer->acked) {
		struct mage_rdma_write *write =
			mage_rdma_writer_slot(writer, writer->tail);
		struct mage_io_batch *batch = write->batch;

		/*
		 * Completions may be handled on several CPUs at once.  A slot
		 * must not be used again while one of them still has to look
		 * at it.  (After an error none is used again.)
		 */
		if (!writer->error && write->signalled && !write->handled)
			break;

		ib_dma_unmap_page(ibdev, write->sge.addr, PAGE_SIZE,
				  DMA_TO_DEVICE);
		write->io->error = writer->error;
		writer->tail++;
		writer->progress = jiffies;

		if (mage_rdma_batch_put(batch, 1)) {
			spin_unlock_irqrestore(&writer->lock, flags);
			mage_rdma_batch_done(writer, batch);
			spin_lock_irqsave(&writer->lock, flags);
		}
	}
	spin_unlock_irqrestore(&writer->lock, flags);

	wake_up(&writer->room);
}

static void mage_rdma_write_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_write *write =
		container_of(wc->wr_cqe, struct mage_rdma_write, cqe);
	struct mage_rdma_writer *writer = write->writer;
	unsigned long flags, seq;

	/* Before the slots are given back, so that none is used again. */
	if (wc->status != IB_WC_SUCCESS)
		mage_rdma_conn_error(&writer->conn, "a write", wc->status);

	spin_lock_irqsave(&writer->lock, flags);
	write->handled = true;
	seq = write->seq;
	spin_unlock_irqrestore(&writer->lock, flags);

	mage_rdma_writer_reap(writer, seq + 1,
			      wc->status == IB_WC_SUCCESS ? 0 : -EIO);
}

void mage_rdma_writer_stop(struct mage_rdma_writer *writer)
{
	struct ib_qp *qp;

	mutex_lock(&writer->submit);
	/* Pairs with mage_rdma_conn_create_qp(). */
	qp = smp_load_acquire(&writer->conn.qp);
	if (qp) {
		ib_drain_sq(qp);
		/* What could not even be posted is left over. */
		mage_rdma_writer_reap(writer, writer->head, -EIO);
	}
	mutex_unlock(&writer->submit);
}

void mage_rdma_writer_wake(struct mage_rdma_writer *writer)
{
	wake_up_all(&writer->room);
}

bool mage_rdma_writer_is_stuck(struct mage_rdma_writer *writer)
{
	unsigned long flags;
	bool stuck;

	spin_lock_irqsave(&writer->lock, flags);
	stuck = writer->head != writer->tail &&
		time_after(jiffies, writer->progress + MAGE_RDMA_WRITE_TIMEOUT);
	spin_unlock_irqrestore(&writer->lock, flags);

	return stuck;
}

/* The slots from @first to @head belong to the queue pair from now on. */
static void mage_rdma_writer_post(struct mage_rdma_writer *writer,
				  unsigned long first, unsigned long head)
{
	struct mage_rdma_session *session = writer->conn.session;
	unsigned int quarter = writer->depth / 4;
	unsigned long seq, flags;
	int ret;

	for (seq = first; seq != head; seq++) {
		struct mage_rdma_write *write =
			mage_rdma_writer_slot(writer, seq);
		bool last = seq + 1 == head;

		write->seq = seq;
		write->handled = false;
		write->signalled = last || (seq + 1) % quarter == 0;
		write->wr.wr.send_flags =
			write->signalled ? IB_SEND_SIGNALED : 0;
		write->wr.wr.next = last ? NULL :
			&mage_rdma_writer_slot(writer, seq + 1)->wr.wr;
	}

	/* Completions may come before ib_post_send() returns. */
	spin_lock_irqsave(&writer->lock, flags);
	if (writer->head == writer->tail)
		writer->progress = jiffies;
	writer->head = head;
	spin_unlock_irqrestore(&writer->lock, flags);

	ret = ib_post_send(writer->conn.qp,
			   &mage_rdma_writer_slot(writer, first)->wr.wr, NULL);
	if (ret)
		/* mage_rdma_writer_stop() collects them. */
		mage_rdma_lost(session, "memory node %s: posting writes failed: %d",
			       session->name, ret);
}

static int mage_rdma_writer_fill(struct mage_rdma_writer *writer,
				 unsigned long seq,
				 struct mage_io_batch *batch,
				 struct mage_io *io)
{
	struct mage_rdma_write *write = mage_rdma_writer_slot(writer, seq);
	struct mage_rdma_session *session = writer->conn.session;
	u64 dma;

	if (WARN_ON_ONCE(io->slot >= session->size >> PAGE_SHIFT))
		return -EINVAL;

	dma = ib_dma_map_page(session->ibdev, io->page, 0, PAGE_SIZE,
			      DMA_TO_DEVICE);
	if (ib_dma_mapping_error(session->ibdev, dma))
		return -ENOMEM;

	write->batch = batch;
	write->io = io;
	write->sge.addr = dma;
	write->wr.remote_addr = session->remote_addr +
				((u64)io->slot << PAGE_SHIFT);
	return 0;
}

/*
 * Posts what there is room for, and waits for room first.  Gives the result of
 * pages that cannot be posted.  Returns how many pages that were: none after
 * a failure.  *@bad counts those that could not be posted.
 */
static unsigned int mage_rdma_writer_chain(struct mage_rdma_writer *writer,
					   struct mage_io_batch *batch,
					   struct mage_io *io, unsigned int nr,
					   unsigned int *bad)
{
	struct mage_rdma_session *session = writer->conn.session;
	unsigned int least = min(nr, writer->depth / 4);
	unsigned long first = writer->head;
	unsigned long seq = first;
	unsigned int room, i;

	wait_event(writer->room,
		   !mage_rdma_live(session) ||
		   mage_rdma_writer_room(writer) >= least);
	room = mage_rdma_writer_room(writer);
	if (!mage_rdma_live(session))
		return 0;

	nr = min(nr, room);
	for (i = 0; i < nr; i++) {
		int error = mage_rdma_writer_fill(writer, seq, batch, &io[i]);

		if (error) {
			io[i].error = error;
			(*bad)++;
		} else {
			seq++;
		}
	}
	if (seq != first)
		mage_rdma_writer_post(writer, first, seq);

	return nr;
}

void mage_rdma_submit_writes(struct mage_device *dev, unsigned int queue,
			     struct mage_io_batch *batch)
{
	struct mage_rdma_session *session = dev->private;
	struct mage_rdma_writer *writer;
	unsigned int i, bad = 0, posted = 0, nr = batch->nr;
	struct mage_io *io = batch->io;
	unsigned long flags;
	bool last;

	if (!mage_rdma_live(session) || !mage_rdma_session_get(session)) {
		for (i = 0; i < nr; i++)
			io[i].error = -EIO;
		batch->done(batch);
		return;
	}

	/*
	 * The batch is gone as soon as all its pages have results: do not look
	 * at it after the last one was posted.
	 */
	batch->private = (void *)(unsigned long)nr;
	writer = &session->writers[queue % session->nr_writers];
	mutex_lock(&writer->submit);
	while (posted < nr) {
		i = mage_rdma_writer_chain(writer, batch, io + posted,
					   nr - posted, &bad);
		if (!i)
			break;
		posted += i;
	}
	mutex_unlock(&writer->submit);

	bad += nr - posted;
	if (!bad)
		return;

	for (i = posted; i < nr; i++)
		io[i].error = -EIO;
	spin_lock_irqsave(&writer->lock, flags);
	last = mage_rdma_batch_put(batch, bad);
	spin_unlock_irqrestore(&writer->lock, flags);
	if (last)
		mage_rdma_batch_done(writer, batch);
}

void mage_rdma_poll(struct mage_device *dev, unsigned int queue)
{
	struct mage_rdma_session *session = dev->private;

	if (!mage_rdma_session_get(session))
		return;
	ib_process_cq_direct(session->writers[queue % session->nr_writers].conn.cq,
			     MAGE_RDMA_WRITE_POLL);
	mage_rdma_session_put(session);
}
