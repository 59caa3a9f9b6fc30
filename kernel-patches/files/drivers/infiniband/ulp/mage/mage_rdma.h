/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend.  One far device is one session with one memory node:
 * a control connection, some connections for reads, some for writes.
 */
#ifndef _MAGE_RDMA_H
#define _MAGE_RDMA_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/mage_backend.h>
#include <linux/mutex.h>
#include <linux/percpu-refcount.h>
#include <linux/semaphore.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>
#include <uapi/linux/mage_wire.h>

#include "session.h"

/**
 * struct mage_rdma_conn - a connection to the memory node
 * @session: whose it is
 * @id: communication identifier, NULL before and after
 * @qp: its queue pair, NULL before and after
 * @cq: completion queue of @qp alone
 * @up: it was established
 * @step: a step of connecting has ended
 * @down: the connection has ended
 * @error: why the step failed, a negative errno
 * @refused: @rej was filled in by the memory node
 * @rep: private data of the CM reply
 * @rej: private data of the CM reject
 */
struct mage_rdma_conn {
	struct mage_rdma_session *session;
	struct rdma_cm_id *id;
	struct ib_qp *qp;
	struct ib_cq *cq;
	bool up;
	struct completion step;
	struct completion down;
	int error;
	bool refused;
	struct mage_wire_rep rep;
	struct mage_wire_rej rej;
};

/**
 * struct mage_rdma_reader - a queue for reads
 * @conn: its connection
 * @room: reads that may still be posted
 * @spin_ns: how long a read polls before it sleeps
 * @nr_mrs: memory regions in the queue pair's pool; 0 when reads need none
 */
struct mage_rdma_reader {
	struct mage_rdma_conn conn;
	struct semaphore room;
	u32 spin_ns;
	unsigned int nr_mrs;
};

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

/**
 * struct mage_rdma_writer - a queue for writes
 * @conn: its connection
 * @submit: serialises posting
 * @lock: protects what follows, and mage_io_batch.private, which counts the
 *	pages of a batch that have no result yet
 * @ring: @depth writes; write number n is in ring[n % depth]
 * @depth: a power of two
 * @head: writes posted so far; changes under @submit and @lock
 * @acked: writes that the memory node has acknowledged
 * @tail: writes given back so far
 * @error: what writes are given back with; once set it stays
 * @progress: jiffies when @tail last moved or the ring was last empty
 * @room: woken when @tail moves or the node fails
 */
struct mage_rdma_writer {
	struct mage_rdma_conn conn;
	struct mutex submit;	/* held while posting, may sleep for room */
	spinlock_t lock;	/* held while giving back, taken in softirq too */
	struct mage_rdma_write *ring;
	unsigned int depth;
	unsigned long head;
	unsigned long acked;
	unsigned long tail;
	int error;
	unsigned long progress;
	wait_queue_head_t room;
};

/**
 * struct mage_rdma_node - a far device's memory node
 * @dev: the far device
 * @session: the session with it; mage_device.private points here
 * @published: connect() succeeds unless the session's state says otherwise
 * @closing: serialises mage_rdma_node_close()
 * @closed: mage_rdma_node_close() has run
 * @stop_work: stops all queue pairs after a failure
 * @removal_work: gives the local RDMA device back when it is going away
 * @watchdog: finds writers that make no progress
 * @control: the control connection
 */
struct mage_rdma_node {
	struct mage_device *dev;
	struct mage_rdma_session session;
	bool published;
	struct mutex closing;	/* held while everything is given back */
	bool closed;
	struct work_struct stop_work;
	struct work_struct removal_work;
	struct delayed_work watchdog;
	struct mage_rdma_conn control;
};

/* conn.c */
void mage_rdma_conn_init(struct mage_rdma_conn *conn,
			 struct mage_rdma_session *session);
int mage_rdma_conn_resolve(struct mage_rdma_conn *conn,
			   struct netlink_ext_ack *extack);
int mage_rdma_conn_create_qp(struct mage_rdma_conn *conn, unsigned int send_wr,
			     unsigned int recv_wr,
			     struct netlink_ext_ack *extack);
int mage_rdma_conn_connect(struct mage_rdma_conn *conn,
			   enum mage_wire_kind kind, unsigned int queue,
			   struct netlink_ext_ack *extack);
void mage_rdma_conn_stop(struct mage_rdma_conn *conn);
void mage_rdma_conn_disconnect(struct mage_rdma_conn *conn);
void mage_rdma_conn_wait_down(struct mage_rdma_conn *conn);
void mage_rdma_conn_destroy_qp(struct mage_rdma_conn *conn);
void mage_rdma_conn_destroy_id(struct mage_rdma_conn *conn);

/* handshake.c */
int mage_rdma_handshake(struct mage_rdma_conn *conn,
			const struct mage_connect *to,
			struct netlink_ext_ack *extack);

/* node.c */
int mage_rdma_connect(struct mage_device *dev, const struct mage_connect *to,
		      struct netlink_ext_ack *extack);
void mage_rdma_disconnect(struct mage_device *dev);

/* read.c */
void mage_rdma_reader_init(struct mage_rdma_reader *reader,
			   struct mage_rdma_session *session);
int mage_rdma_reader_open(struct mage_rdma_reader *reader, unsigned int queue,
			  struct netlink_ext_ack *extack);
void mage_rdma_reader_destroy_qp(struct mage_rdma_reader *reader);
int mage_rdma_read(struct mage_device *dev, struct page *page, pgoff_t slot);

/* write.c */
void mage_rdma_writer_init(struct mage_rdma_writer *writer,
			   struct mage_rdma_session *session);
int mage_rdma_writer_open(struct mage_rdma_writer *writer, unsigned int queue,
			  struct netlink_ext_ack *extack);
void mage_rdma_writer_destroy_qp(struct mage_rdma_writer *writer);
void mage_rdma_writer_wake(struct mage_rdma_writer *writer);
void mage_rdma_writer_stop(struct mage_rdma_writer *writer);
bool mage_rdma_writer_is_stuck(struct mage_rdma_writer *writer);
void mage_rdma_submit_writes(struct mage_device *dev, unsigned int queue,
			     struct mage_io_batch *batch);
void mage_rdma_poll(struct mage_device *dev, unsigned int queue);

#endif /* _MAGE_RDMA_H */
