// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's writes.
 *
 * A writer is a queue pair with a ring of work requests.  A batch is posted in
 * chains, of each of which the last one is signalled.  A reliable connection
 * completes in order: the completion of a signalled write says that those
 * before it succeeded too.  A chain that finds no room waits until one has
 * come back; nobody sleeps for that.
 *
 * After an error every write that was not acknowledged is given back as
 * failed, without asking which of them made it.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
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

/* Most pages of a chain, which is posted with interrupts off. */
#define MAGE_RDMA_WRITE_CHAIN	64

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

void mage_rdma_writer_init(struct mage_rdma_writer *writer,
			   struct mage_rdma_session *session)
{
	mage_rdma_conn_init(&writer->conn, session);
	spin_lock_init(&writer->lock);
	INIT_LIST_HEAD(&writer->waiting);
}

int mage_rdma_writer_reset(struct mage_rdma_writer *writer, unsigned int depth)
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
	batch->left -= nr;
	return !batch->left;
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

/* The pages of a batch that were not begun are not written. */
static void mage_rdma_refuse_writes(struct mage_io_batch *batch)
{
	unsigned int i;

	for (i = batch->begun; i < batch->nr; i++)
		batch->io[i].error = -EIO;
}

/*
 * Under the lock: the slots up to @head belong to the queue pair from now on.
 * Completions that come before ib_post_send() returns wait for the lock.
 */
static void mage_rdma_writer_post(struct mage_rdma_writer *writer, unsigned long head)
{
	struct mage_rdma_session *session = writer->conn.session;
	unsigned long seq, first = writer->head;
	int ret;

	for (seq = first; seq != head; seq++) {
		struct mage_rdma_write *write =
			mage_rdma_writer_slot(writer, seq);
		bool last = seq + 1 == head;

		write->seq = seq;
		write->handled = false;
		write->signalled = last;
		write->wr.wr.send_flags = last ? IB_SEND_SIGNALED : 0;
		write->wr.wr.next = last ? NULL :
			&mage_rdma_writer_slot(writer, seq + 1)->wr.wr;
	}

	if (first == writer->tail)
		writer->progress = jiffies;
	writer->head = head;
	ret = ib_post_send(writer->conn.qp,
			   &mage_rdma_writer_slot(writer, first)->wr.wr, NULL);
	/*
	 * Under the lock: nothing is posted after what was left over, or its completion
	 * would be taken for that of all before it.  mage_rdma_writer_stop() collects it.
	 */
	if (ret)
		mage_rdma_lost(session, "memory node %s: posting writes failed: %d",
			       session->name, ret);
}

/*
 * Under the lock: posts a chain of the batch that has waited longest, if there is room.
 * Sets *@ended to the batch if that was all of it, and it has all results already.
 * Returns whether another chain may follow.
 */
static bool mage_rdma_writer_chain(struct mage_rdma_writer *writer,
				   struct mage_io_batch **ended)
{
	struct mage_io_batch *batch = list_first_entry_or_null(&writer->waiting,
							       struct mage_io_batch, list);
	unsigned int room = writer->depth - (writer->head - writer->tail);
	unsigned int most = min(MAGE_RDMA_WRITE_CHAIN, writer->depth / 4);
	unsigned long seq = writer->head;
	unsigned int nr, bad = 0;

	/* What waits is given back by mage_rdma_writer_stop() then. */
	if (!batch || writer->error || !mage_rdma_live(writer->conn.session))
		return false;
	nr = min(batch->nr - batch->begun, most);
	if (room < nr)
		return false;

	for (; nr; nr--) {
		struct mage_io *io = &batch->io[batch->begun++];

		io->error = mage_rdma_writer_fill(writer, seq, batch, io);
		if (io->error)
			bad++;
		else
			seq++;
	}
	if (batch->begun == batch->nr)
		list_del(&batch->list);
	if (bad && mage_rdma_batch_put(batch, bad))
		*ended = batch;
	if (seq != writer->head)
		mage_rdma_writer_post(writer, seq);
	return true;
}

/* Posts what waits, as far as there is room.  Between chains interrupts have their turn. */
static void mage_rdma_writer_advance(struct mage_rdma_writer *writer)
{
	unsigned long flags;
	bool more;

	do {
		struct mage_io_batch *ended = NULL;

		spin_lock_irqsave(&writer->lock, flags);
		more = mage_rdma_writer_chain(writer, &ended);
		spin_unlock_irqrestore(&writer->lock, flags);
		if (ended)
			mage_rdma_batch_done(writer, ended);
	} while (more);
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
	mage_rdma_writer_advance(writer);
}

void mage_rdma_writer_refuse(struct mage_rdma_writer *writer)
{
	struct mage_io_batch *batch, *next;
	unsigned long flags;
	LIST_HEAD(waiting);
	LIST_HEAD(ended);

	/* Whoever comes after this has seen that the session is not live, and does not wait. */
	spin_lock_irqsave(&writer->lock, flags);
	if (!mage_rdma_live(writer->conn.session))
		list_splice_init(&writer->waiting, &waiting);
	list_for_each_entry_safe(batch, next, &waiting, list) {
		mage_rdma_refuse_writes(batch);
		if (mage_rdma_batch_put(batch, batch->nr - batch->begun))
			list_move_tail(&batch->list, &ended);
		else
			list_del(&batch->list);
	}
	spin_unlock_irqrestore(&writer->lock, flags);
	list_for_each_entry_safe(batch, next, &ended, list)
		mage_rdma_batch_done(writer, batch);
}

void mage_rdma_writer_stop(struct mage_rdma_writer *writer)
{
	/* Pairs with mage_rdma_conn_create_qp(). */
	struct ib_qp *qp = smp_load_acquire(&writer->conn.qp);
	unsigned long head;

	if (!qp)
		return;
	mage_rdma_writer_refuse(writer);
	/* As the session is not live nothing is posted any more. */
	head = READ_ONCE(writer->head);
	ib_drain_sq(qp);
	/* What could not even be posted is left over. */
	mage_rdma_writer_reap(writer, head, -EIO);
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

void mage_rdma_submit_writes(struct mage_device *dev, unsigned int queue,
			     struct mage_io_batch *batch)
{
	struct mage_rdma_session *session = dev->private;
	struct mage_rdma_writer *writer;
	unsigned long flags;
	bool live;

	batch->begun = 0;
	batch->left = batch->nr;
	if (!mage_rdma_session_get(session)) {
		mage_rdma_refuse_writes(batch);
		batch->done(batch);
		return;
	}

	writer = &session->writers[queue % session->nr_writers];
	spin_lock_irqsave(&writer->lock, flags);
	/* Under the lock: mage_rdma_writer_stop() collects whatever waited before. */
	live = mage_rdma_live(session);
	if (live) {
		/* One for the batch, which may be gone at once, and one for this thread. */
		percpu_ref_get(&session->users);
		list_add_tail(&batch->list, &writer->waiting);
	}
	spin_unlock_irqrestore(&writer->lock, flags);

	if (live) {
		mage_rdma_writer_advance(writer);
		mage_rdma_session_put(session);
		return;
	}
	mage_rdma_refuse_writes(batch);
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
