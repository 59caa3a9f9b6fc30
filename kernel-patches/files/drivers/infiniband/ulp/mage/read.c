// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's reads.  One RDMA READ a page, waited for by whoever
 * faults on it.
 */
#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/mage_backend.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/scatterlist.h>
#include <linux/smp.h>
#include <rdma/ib_verbs.h>
#include <rdma/mr_pool.h>

#include "read.h"
#include "session.h"

#define MAGE_RDMA_READ_QUEUE	128
#define MAGE_RDMA_READ_TIMEOUT	(30 * HZ)
#define MAGE_RDMA_READ_POLL	8
#define MAGE_RDMA_SPIN_NS	10000

/**
 * struct mage_rdma_read_op - a read under way, on the stack of its thread
 * @cqe: completion of the work request
 * @done: the page is there, or will not come
 * @status: how it completed
 * @mr: region that stands for the page, NULL when reads need none
 * @dma: DMA address of the page
 */
struct mage_rdma_read_op {
	struct ib_cqe cqe;
	struct completion done;
	enum ib_wc_status status;
	struct ib_mr *mr;
	u64 dma;
};

void mage_rdma_reader_init(struct mage_rdma_reader *reader,
			   struct mage_rdma_session *session)
{
	mage_rdma_conn_init(&reader->conn, session);
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

	mage_rdma_conn_init(conn, session);
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

	ret = mage_rdma_conn_connect(conn, MAGE_WIRE_DATA, queue, extack);
	if (ret)
		return ret;

	/* Software devices do their work on this CPU: polling keeps them from it. */
	reader->spin_ns = ib_uses_virt_dma(session->ibdev) ? 0 : MAGE_RDMA_SPIN_NS;
	sema_init(&reader->room, depth);
	return 0;
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

static void mage_rdma_read_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_read_op *op =
		container_of(wc->wr_cqe, struct mage_rdma_read_op, cqe);

	op->status = wc->status;
	complete(&op->done);
}

/* A failed registration fails the read after it, which is what is waited for. */
static void mage_rdma_reg_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_conn *conn = cq->cq_context;

	if (wc->status != IB_WC_SUCCESS)
		mage_rdma_conn_error(conn, "registering a page", wc->status);
}

static struct ib_cqe mage_rdma_reg_cqe = { .done = mage_rdma_reg_done };

static int mage_rdma_post_read(struct mage_rdma_reader *reader,
			       struct mage_rdma_read_op *op, pgoff_t slot)
{
	struct mage_rdma_session *session = reader->conn.session;
	struct ib_sge sge = {
		.addr	= op->dma,
		.length	= PAGE_SIZE,
		.lkey	= session->pd->local_dma_lkey,
	};
	struct ib_rdma_wr read = {
		.wr = {
			.wr_cqe		= &op->cqe,
			.sg_list	= &sge,
			.num_sge	= 1,
			.opcode		= IB_WR_RDMA_READ,
			.send_flags	= IB_SEND_SIGNALED,
		},
		.remote_addr	= session->remote_addr + ((u64)slot << PAGE_SHIFT),
		.rkey		= session->rkey,
	};

	return ib_post_send(reader->conn.qp, &read.wr, NULL);
}

/* As above where the page needs a key of its own, which goes with the read. */
static int mage_rdma_post_read_mr(struct mage_rdma_reader *reader,
				  struct mage_rdma_read_op *op,
				  struct page *page, pgoff_t slot)
{
	struct mage_rdma_session *session = reader->conn.session;
	struct ib_mr *mr = op->mr;
	struct ib_sge sge = { .length = PAGE_SIZE };
	struct ib_rdma_wr read = {
		.wr = {
			.wr_cqe		= &op->cqe,
			.sg_list	= &sge,
			.num_sge	= 1,
			.opcode		= IB_WR_RDMA_READ_WITH_INV,
			.send_flags	= IB_SEND_SIGNALED,
		},
		.remote_addr	= session->remote_addr + ((u64)slot << PAGE_SHIFT),
		.rkey		= session->rkey,
	};
	struct ib_reg_wr reg = {
		.wr = {
			.next	= &read.wr,
			.wr_cqe	= &mage_rdma_reg_cqe,
			.opcode	= IB_WR_REG_MR,
		},
		.mr	= mr,
		.access	= IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE,
	};
	struct scatterlist sg;
	int ret;

	sg_init_table(&sg, 1);
	sg_set_page(&sg, page, PAGE_SIZE, 0);
	sg_dma_address(&sg) = op->dma;
	sg_dma_len(&sg) = PAGE_SIZE;
	ret = ib_map_mr_sg(mr, &sg, 1, NULL, PAGE_SIZE);
	if (ret != 1)
		return ret < 0 ? ret : -EIO;

	ib_update_fast_reg_key(mr, ib_inc_rkey(mr->rkey));
	reg.key = mr->lkey;
	sge.addr = mr->iova;
	sge.lkey = mr->lkey;
	read.wr.ex.invalidate_rkey = mr->lkey;

	return ib_post_send(reader->conn.qp, &reg.wr, NULL);
}

static void mage_rdma_wait_read(struct mage_rdma_reader *reader,
				struct mage_rdma_read_op *op)
{
	struct mage_rdma_session *session = reader->conn.session;

	if (reader->spin_ns) {
		u64 end = ktime_get_ns() + reader->spin_ns;

		do {
			ib_process_cq_direct(reader->conn.cq,
					     MAGE_RDMA_READ_POLL);
			if (completion_done(&op->done))
				break;
			cpu_relax();
		} while (ktime_get_ns() < end);
	}

	if (!wait_for_completion_io_timeout(&op->done,
					    MAGE_RDMA_READ_TIMEOUT)) {
		mage_rdma_lost(session, "memory node %s: a read does not complete",
			       session->name);
		/* The page is the device's until the work request is flushed. */
		wait_for_completion_io(&op->done);
	}
}

static int mage_rdma_do_read(struct mage_rdma_reader *reader,
			     struct page *page, pgoff_t slot)
{
	struct mage_rdma_session *session = reader->conn.session;
	struct ib_device *ibdev = session->ibdev;
	struct mage_rdma_read_op op = {
		.cqe.done	= mage_rdma_read_done,
		.done = COMPLETION_INITIALIZER_ONSTACK(op.done),
	};
	int ret;

	op.dma = ib_dma_map_page(ibdev, page, 0, PAGE_SIZE, DMA_FROM_DEVICE);
	if (ib_dma_mapping_error(ibdev, op.dma))
		return -ENOMEM;

	if (reader->nr_mrs) {
		op.mr = ib_mr_pool_get(reader->conn.qp,
				       &reader->conn.qp->rdma_mrs);
		ret = mage_rdma_post_read_mr(reader, &op, page, slot);
	} else {
		ret = mage_rdma_post_read(reader, &op, slot);
	}
	if (ret) {
		mage_rdma_lost(session, "memory node %s: posting a read failed: %d",
			       session->name, ret);
		goto out_unmap;
	}

	mage_rdma_wait_read(reader, &op);
	if (op.status != IB_WC_SUCCESS) {
		ret = -EIO;
		mage_rdma_conn_error(&reader->conn, "a read", op.status);
	}

out_unmap:
	if (op.mr)
		ib_mr_pool_put(reader->conn.qp, &reader->conn.qp->rdma_mrs,
			       op.mr);
	ib_dma_unmap_page(ibdev, op.dma, PAGE_SIZE, DMA_FROM_DEVICE);
	return ret ? mage_rdma_not_live_error(session) : 0;
}

int mage_rdma_read(struct mage_device *dev, struct page *page, pgoff_t slot)
{
	struct mage_rdma_session *session = dev->private;
	struct mage_rdma_reader *reader;
	int ret;

	if (WARN_ON_ONCE(slot >= session->size >> PAGE_SHIFT))
		return -EINVAL;
	if (!mage_rdma_live(session) || !mage_rdma_session_get(session))
		return mage_rdma_not_live_error(session);

	reader = &session->readers[raw_smp_processor_id() % session->nr_readers];
	down(&reader->room);
	if (mage_rdma_live(session))
		ret = mage_rdma_do_read(reader, page, slot);
	else
		ret = mage_rdma_not_live_error(session);
	up(&reader->room);

	mage_rdma_session_put(session);
	return ret;
}
