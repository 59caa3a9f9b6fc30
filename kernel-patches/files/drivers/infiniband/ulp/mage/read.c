// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's reads.
 *
 * A reader is a queue pair with a ring of work requests.  A batch is posted as a chain
 * of RDMA READs, of which every eighth and the last are signalled.  A reliable connection
 * completes in order: the completion of a signalled read says that those before it
 * succeeded too.
 *
 * A page is given back only once its read, or one after it, has completed, or was flushed:
 * until then the device may write to it.  After an error all that were not given back are
 * given back as failed, those too that had succeeded unsignalled.
 */
#include <linux/log2.h>
#include <linux/mage_backend.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/preempt.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <rdma/ib_verbs.h>
#include <rdma/mr_pool.h>

#include "read.h"
#include "session.h"

#define MAGE_RDMA_READ_QUEUE	128
#define MAGE_RDMA_READ_SIGNAL	8
#define MAGE_RDMA_READ_POLL	8
#define MAGE_RDMA_SPIN_NS	10000

/* Reads that are kept free for pages that somebody waits for. */
#define MAGE_RDMA_READ_KEPT	16

/**
 * struct mage_rdma_read - one page read in the ring of a reader
 * @cqe: its completion
 * @wr: work request
 * @reg: the one before it, where the page needs a key of its own
 * @sge: the page
 * @mr: region that stands for the page, NULL when reads need none
 * @dma: DMA address of the page
 * @batch: whose page it is
 * @index: which page of @batch
 * @seq: place in the order of posting
 * @signalled: it makes a completion also when it succeeds
 * @handled: that completion was handled
 * @reader: whose ring it is in
 */
struct mage_rdma_read {
	struct ib_cqe cqe;
	struct ib_rdma_wr wr;
	struct ib_reg_wr reg;
	struct ib_sge sge;
	struct ib_mr *mr;
	u64 dma;
	struct mage_read_batch *batch;
	unsigned int index;
	unsigned long seq;
	bool signalled;
	bool handled;
	struct mage_rdma_reader *reader;
};

static void mage_rdma_read_done(struct ib_cq *cq, struct ib_wc *wc);
static void mage_rdma_reg_done(struct ib_cq *cq, struct ib_wc *wc);

static struct ib_cqe mage_rdma_reg_cqe = { .done = mage_rdma_reg_done };

static struct mage_rdma_read *mage_rdma_reader_slot(struct mage_rdma_reader *reader,
						    unsigned long seq)
{
	return &reader->ring[seq & (reader->depth - 1)];
}

void mage_rdma_reader_init(struct mage_rdma_reader *reader,
			   struct mage_rdma_session *session)
{
	mage_rdma_conn_init(&reader->conn, session);
	spin_lock_init(&reader->lock);
	init_waitqueue_head(&reader->room);
}

int mage_rdma_reader_reset(struct mage_rdma_reader *reader, unsigned int depth)
{
	struct mage_rdma_session *session = reader->conn.session;
	unsigned int i;

	if (reader->depth != depth)
		mage_rdma_reader_free(reader);
	if (!reader->ring)
		reader->ring = kvcalloc(depth, sizeof(*reader->ring), GFP_KERNEL);
	if (!reader->ring)
		return -ENOMEM;
	reader->depth = depth;
	reader->head = 0;
	reader->acked = 0;
	reader->tail = 0;
	reader->error = false;

	for (i = 0; i < depth; i++) {
		struct mage_rdma_read *read = &reader->ring[i];

		read->reader = reader;
		read->cqe.done = mage_rdma_read_done;
		read->sge.length = PAGE_SIZE;
		read->sge.lkey = session->pd->local_dma_lkey;
		read->wr.rkey = session->rkey;
		read->wr.wr.wr_cqe = &read->cqe;
		read->wr.wr.sg_list = &read->sge;
		read->wr.wr.num_sge = 1;
		read->wr.wr.opcode = session->iwarp ? IB_WR_RDMA_READ_WITH_INV : IB_WR_RDMA_READ;
		read->reg.wr.wr_cqe = &mage_rdma_reg_cqe;
		read->reg.wr.opcode = IB_WR_REG_MR;
		read->reg.access = IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE;
	}

	return 0;
}

void mage_rdma_reader_free(struct mage_rdma_reader *reader)
{
	kvfree(reader->ring);
	reader->ring = NULL;
}

u32 mage_rdma_read_spin_ns(struct mage_rdma_session *session)
{
	/* Software devices do their work on this CPU: polling keeps them from it. */
	return ib_uses_virt_dma(session->ibdev) ? 0 : MAGE_RDMA_SPIN_NS;
}

int mage_rdma_reader_open(struct mage_rdma_reader *reader, unsigned int queue,
			  struct netlink_ext_ack *extack)
{
	struct mage_rdma_conn *conn = &reader->conn;
	struct mage_rdma_session *session = conn->session;
	unsigned int per_read = session->iwarp ? 2 : 1;
	int most = min(session->ibdev->attrs.max_qp_wr,
		       session->ibdev->attrs.max_cqe) - 4;
	int depth = min(MAGE_RDMA_READ_QUEUE, most / (int)per_read);
	int ret;

	if (depth < 1) {
		NL_SET_ERR_MSG(extack, "the RDMA device's queues are too short");
		return -EINVAL;
	}

	depth = rounddown_pow_of_two(depth);

	mage_rdma_conn_init(conn, session);
	ret = mage_rdma_reader_reset(reader, depth);
	if (ret) {
		NL_SET_ERR_MSG(extack, "no memory for a queue of reads");
		return ret;
	}
	ret = mage_rdma_conn_resolve(conn, extack);
	if (ret)
		return ret;
	ret = mage_rdma_conn_create_qp(conn, depth * per_read, 0, extack);
	if (ret)
		return ret;

	if (session->iwarp) {
		ret = ib_mr_pool_init(conn->qp, &conn->qp->rdma_mrs, depth,
				      IB_MR_TYPE_MEM_REG, 1, 0);
		if (ret) {
			NL_SET_ERR_MSG_FMT(extack, "no %d memory regions (%pe)",
					   depth, ERR_PTR(ret));
			return ret;
		}
		reader->nr_mrs = depth;
	}

	return mage_rdma_conn_connect(conn, MAGE_WIRE_DATA, queue, extack);
}

void mage_rdma_reader_destroy_qp(struct mage_rdma_reader *reader)
{
	struct mage_rdma_conn *conn = &reader->conn;

	if (reader->nr_mrs) {
		ib_drain_qp(conn->qp);
		ib_mr_pool_destroy(conn->qp, &conn->qp->rdma_mrs);
		reader->nr_mrs = 0;
	}
	mage_rdma_conn_destroy_qp(conn);
}

/* The page is the submitter's again. */
static void mage_rdma_read_release(struct mage_rdma_reader *reader, struct mage_rdma_read *read)
{
	struct ib_qp *qp = reader->conn.qp;

	if (read->mr)
		ib_mr_pool_put(qp, &qp->rdma_mrs, read->mr);
	read->mr = NULL;
	ib_dma_unmap_page(reader->conn.session->ibdev, read->dma, PAGE_SIZE, DMA_FROM_DEVICE);
}

/*
 * Gives back the reads that have completed, and tells the submitters: with one call for
 * pages of a batch that come together.
 */
static void mage_rdma_reader_reap(struct mage_rdma_reader *reader, unsigned long acked,
				  bool error)
{
	struct mage_rdma_session *session = reader->conn.session;
	unsigned int ended = 0;
	unsigned long flags;

	spin_lock_irqsave(&reader->lock, flags);
	reader->error |= error;
	if ((long)(acked - reader->acked) > 0)
		reader->acked = acked;

	while (reader->tail != reader->acked) {
		struct mage_rdma_read *read = mage_rdma_reader_slot(reader, reader->tail);
		struct mage_read_batch *batch = read->batch;
		unsigned int nr = read->index + 1;
		bool last = nr == batch->nr;

		/*
		 * Completions may be handled on several CPUs at once.  A slot must not
		 * be used again while one of them still has to look at it.  (After an
		 * error none is used again.)
		 */
		if (!reader->error && read->signalled && !read->handled)
			break;

		mage_rdma_read_release(reader, read);
		batch->io[read->index].error =
			reader->error ? mage_rdma_not_live_error(session) : 0;
		/* Pairs with mage_rdma_await_reads(), which takes no lock. */
		WRITE_ONCE(reader->tail, reader->tail + 1);
		if (last || read->signalled || reader->tail == reader->acked)
			batch->arrived(batch, nr);
		ended += last;
	}
	spin_unlock_irqrestore(&reader->lock, flags);

	if (wq_has_sleeper(&reader->room))
		wake_up(&reader->room);
	/* The queue may be gone when the last of them has ended. */
	while (ended--)
		mage_rdma_session_put(session);
}

static void mage_rdma_read_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_read *read = container_of(wc->wr_cqe, struct mage_rdma_read, cqe);
	struct mage_rdma_reader *reader = read->reader;
	unsigned long flags, seq;

	/* Before the slots are given back, so that none is used again. */
	if (wc->status != IB_WC_SUCCESS)
		mage_rdma_conn_error(&reader->conn, "a read", wc->status);

	spin_lock_irqsave(&reader->lock, flags);
	read->handled = true;
	seq = read->seq;
	spin_unlock_irqrestore(&reader->lock, flags);

	mage_rdma_reader_reap(reader, seq + 1, wc->status != IB_WC_SUCCESS);
}

/* A failed registration fails the read after it, which is what is waited for. */
static void mage_rdma_reg_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_conn *conn = cq->cq_context;

	if (wc->status != IB_WC_SUCCESS)
		mage_rdma_conn_error(conn, "registering a page", wc->status);
}

void mage_rdma_reader_stop(struct mage_rdma_reader *reader)
{
	/* Pairs with mage_rdma_conn_create_qp(). */
	struct ib_qp *qp = smp_load_acquire(&reader->conn.qp);
	unsigned long flags, head;

	/* A queue pair that goes on may write to the pages: they stay its own. */
	if (!qp || reader->conn.runs_on)
		return;
	/* Whoever posts after this has seen that the session is not live, and does not. */
	spin_lock_irqsave(&reader->lock, flags);
	head = reader->head;
	spin_unlock_irqrestore(&reader->lock, flags);
	ib_drain_sq(qp);
	/* What could not even be posted is left over. */
	mage_rdma_reader_reap(reader, head, true);
}

void mage_rdma_reader_wake(struct mage_rdma_reader *reader)
{
	wake_up_all(&reader->room);
}

/* Where the page needs a key of its own, which goes with the read. */
static int mage_rdma_read_map_mr(struct mage_rdma_reader *reader, struct mage_rdma_read *read,
				 struct page *page)
{
	struct ib_qp *qp = reader->conn.qp;
	struct ib_mr *mr = ib_mr_pool_get(qp, &qp->rdma_mrs);
	struct scatterlist sg;
	int ret;

	if (WARN_ON_ONCE(!mr))
		return -ENOMEM;
	sg_init_table(&sg, 1);
	sg_set_page(&sg, page, PAGE_SIZE, 0);
	sg_dma_address(&sg) = read->dma;
	sg_dma_len(&sg) = PAGE_SIZE;
	ret = ib_map_mr_sg(mr, &sg, 1, NULL, PAGE_SIZE);
	if (ret != 1) {
		ib_mr_pool_put(qp, &qp->rdma_mrs, mr);
		return ret < 0 ? ret : -EIO;
	}

	ib_update_fast_reg_key(mr, ib_inc_rkey(mr->rkey));
	read->mr = mr;
	read->reg.mr = mr;
	read->reg.key = mr->lkey;
	read->reg.wr.next = &read->wr.wr;
	read->sge.addr = mr->iova;
	read->sge.lkey = mr->lkey;
	read->wr.wr.ex.invalidate_rkey = mr->lkey;
	return 0;
}

static int mage_rdma_read_fill(struct mage_rdma_reader *reader, struct mage_rdma_read *read,
			       struct mage_io *io)
{
	struct mage_rdma_session *session = reader->conn.session;
	int ret = 0;

	if (WARN_ON_ONCE(io->slot >= session->size >> PAGE_SHIFT))
		return -EINVAL;
	read->dma = ib_dma_map_page(session->ibdev, io->page, 0, PAGE_SIZE, DMA_FROM_DEVICE);
	if (ib_dma_mapping_error(session->ibdev, read->dma))
		return -ENOMEM;
	read->sge.addr = read->dma;
	if (reader->nr_mrs)
		ret = mage_rdma_read_map_mr(reader, read, io->page);
	if (ret)
		ib_dma_unmap_page(session->ibdev, read->dma, PAGE_SIZE, DMA_FROM_DEVICE);
	read->wr.remote_addr = session->remote_addr + ((u64)io->slot << PAGE_SHIFT);
	return ret;
}

/* The first work request of a read. */
static struct ib_send_wr *mage_rdma_read_first(struct mage_rdma_read *read)
{
	return read->mr ? &read->reg.wr : &read->wr.wr;
}

/* Under the reader's lock: the reads from @head on that are filled become the queue pair's. */
static int mage_rdma_reader_post(struct mage_rdma_reader *reader, struct mage_read_batch *batch)
{
	unsigned long first = reader->head, head = first + batch->nr, seq;

	for (seq = first; seq != head; seq++) {
		struct mage_rdma_read *read = mage_rdma_reader_slot(reader, seq);
		bool last = seq + 1 == head;

		read->batch = batch;
		read->index = seq - first;
		read->seq = seq;
		read->handled = false;
		read->signalled = last || (read->index + 1) % MAGE_RDMA_READ_SIGNAL == 0;
		read->wr.wr.send_flags = read->signalled ? IB_SEND_SIGNALED : 0;
		read->wr.wr.next = last ? NULL :
			mage_rdma_read_first(mage_rdma_reader_slot(reader, seq + 1));
	}
	/* Completions that come before ib_post_send() returns wait for the lock. */
	WRITE_ONCE(reader->head, head);
	return ib_post_send(reader->conn.qp,
			    mage_rdma_read_first(mage_rdma_reader_slot(reader, first)), NULL);
}

static unsigned int mage_rdma_reader_room(struct mage_rdma_reader *reader)
{
	return reader->depth - (reader->head - reader->tail);
}

/* The first @nr pages of a batch come to nothing, and it has no more. */
static unsigned int mage_rdma_refuse_reads(struct mage_read_batch *batch, unsigned int nr,
					   int error)
{
	unsigned int i;

	batch->nr = nr;
	for (i = 0; i < nr; i++)
		batch->io[i].error = error;
	batch->arrived(batch, nr);
	return nr;
}

unsigned int mage_rdma_submit_reads(struct mage_device *dev, unsigned int queue,
				    struct mage_read_batch *batch, bool urgent)
{
	struct mage_rdma_session *session = dev->private;
	unsigned int kept = urgent ? 0 : MAGE_RDMA_READ_KEPT;
	int error = 0, posted = 0;
	struct mage_rdma_reader *reader;
	unsigned int room, nr, i;
	unsigned long flags;

	if (!mage_rdma_live(session) || !mage_rdma_session_get(session))
		return mage_rdma_refuse_reads(batch, batch->nr,
					      mage_rdma_not_live_error(session));

	reader = &session->readers[queue % session->nr_readers];
	spin_lock_irqsave(&reader->lock, flags);
	room = mage_rdma_reader_room(reader);
	nr = min(batch->nr, room - min(room, kept));
	/* Under the lock: mage_rdma_reader_stop() collects whatever was posted before. */
	if (!mage_rdma_live(session)) {
		error = mage_rdma_not_live_error(session);
		nr = batch->nr;
		i = 0;
	} else {
		for (i = 0; i < nr && !error; i++)
			error = mage_rdma_read_fill(reader,
						    mage_rdma_reader_slot(reader, reader->head + i),
						    &batch->io[i]);
		/* What is before the page that cannot be posted can be. */
		i -= !!error;
		if (error && !i)
			nr = 1;
	}
	if (i) {
		nr = i;
		batch->nr = nr;
		posted = mage_rdma_reader_post(reader, batch);
	}
	/*
	 * Under the lock: nothing is posted after what was left over, or its completion would
	 * be taken for that of all before it.
	 */
	if (posted)
		mage_rdma_lost(session, "memory node %s: posting a read failed: %d",
			       session->name, posted);
	spin_unlock_irqrestore(&reader->lock, flags);

	/* Of a batch that was posted nothing must be looked at any more. */
	if (i)
		return nr;
	if (nr)
		mage_rdma_refuse_reads(batch, nr, error);
	mage_rdma_session_put(session);
	return nr;
}

void mage_rdma_poll_reads(struct mage_device *dev, unsigned int queue, bool sleeps)
{
	struct mage_rdma_session *session = dev->private;

	if (!mage_rdma_session_get(session))
		return;
	/*
	 * Others wait for the completions that this takes off the queue.  (With PREEMPT_RT
	 * its locks sleep.)
	 */
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_disable();
	ib_process_cq_direct(session->readers[queue % session->nr_readers].conn.cq,
			     MAGE_RDMA_READ_POLL);
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable();
	mage_rdma_session_put(session);
}

void mage_rdma_await_reads(struct mage_device *dev, unsigned int queue)
{
	struct mage_rdma_session *session = dev->private;
	struct mage_rdma_reader *reader = &session->readers[queue % session->nr_readers];

	/* Read without the lock: who has room given back wakes after it. */
	wait_event(reader->room, !mage_rdma_live(session) ||
		   READ_ONCE(reader->head) - READ_ONCE(reader->tail) < reader->depth);
}

void mage_rdma_overdue_reads(struct mage_device *dev)
{
	struct mage_rdma_session *session = dev->private;

	mage_rdma_lost(session, "memory node %s: a read does not complete", session->name);
}
