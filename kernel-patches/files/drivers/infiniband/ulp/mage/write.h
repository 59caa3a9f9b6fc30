/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's writes.
 *
 * A writer's lock is the only one here.  The owner's are outside of it.
 * mage_io_batch.done() is called without it.
 */
#ifndef _MAGE_RDMA_WRITE_H
#define _MAGE_RDMA_WRITE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "conn.h"

struct mage_device;
struct mage_io_batch;
struct mage_rdma_session;
struct mage_rdma_write;
struct netlink_ext_ack;

/**
 * struct mage_rdma_writer - a queue for writes
 * @conn: its connection; its owner may stop, disconnect and destroy it
 * @lock: protects all below but @ring and @depth, the elements of @ring, and what is the
 *	backend's of a batch: begun, the pages that were posted or could not be, and left,
 *	those that have no result yet.  Serialises posting, too
 * @ring: @depth writes; write number n is in ring[n % depth].  Set before the
 *	queue pair and constant as long as that is there; kept for the next one
 * @depth: a power of two; likewise
 * @waiting: batches of which there are pages that found no room, in the order in which
 *	they came.  While there are some and the session is live writes are under way,
 *	and when these are given back others are posted
 * @head: writes posted so far
 * @acked: writes that the memory node has acknowledged
 * @tail: writes given back so far
 * @error: what writes are given back with; once set it stays until there is a new
 *	queue pair
 * @progress: jiffies when @tail last moved or the ring was last empty
 */
struct mage_rdma_writer {
	struct mage_rdma_conn conn;
	spinlock_t lock;	/* held while posting and giving back, taken in softirq too */
	struct mage_rdma_write *ring;
	unsigned int depth;
	struct list_head waiting;
	unsigned long head;
	unsigned long acked;
	unsigned long tail;
	int error;
	unsigned long progress;
};

/**
 * mage_rdma_writer_init() - make a writer that owns nothing yet
 * @writer: the writer
 * @session: whose it is
 */
void mage_rdma_writer_init(struct mage_rdma_writer *writer,
			   struct mage_rdma_session *session);

/**
 * mage_rdma_writer_open() - connect a queue for writes
 * @writer: the writer, of which no connection is left
 * @queue: index of the queue in the session
 * @extack: gets a sentence on failure
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_writer_open(struct mage_rdma_writer *writer, unsigned int queue,
			  struct netlink_ext_ack *extack);

/**
 * mage_rdma_writer_reset() - make the ring, of this depth, if it is not there; empty it
 * @writer: the writer, without a queue pair
 * @depth: a power of two
 *
 * Return: 0 or -ENOMEM
 */
int mage_rdma_writer_reset(struct mage_rdma_writer *writer, unsigned int depth);

/**
 * mage_rdma_writer_refuse() - give back what waits for room, unless the session is live
 * @writer: the writer
 *
 * Waits for nothing, least of all for the RDMA device: whoever has heard that the session is
 * not live any more may call it.
 */
void mage_rdma_writer_refuse(struct mage_rdma_writer *writer);

/**
 * mage_rdma_writer_stop() - give back every write after a failure
 * @writer: the writer; its queue pair is in the error state or does not exist
 */
void mage_rdma_writer_stop(struct mage_rdma_writer *writer);

/**
 * mage_rdma_writer_is_stuck() - has nothing completed for too long?
 * @writer: the writer
 *
 * Return: true when writes are under way and the oldest one does not complete
 */
bool mage_rdma_writer_is_stuck(struct mage_rdma_writer *writer);

/**
 * mage_rdma_writer_destroy_qp() - free the queue
 * @writer: the writer, with no write under way
 */
void mage_rdma_writer_destroy_qp(struct mage_rdma_writer *writer);

/**
 * mage_rdma_writer_free() - free the rest of a writer
 * @writer: the writer, without queue
 */
void mage_rdma_writer_free(struct mage_rdma_writer *writer);

/**
 * mage_rdma_submit_writes() - write the pages of a batch
 * @dev: the far device
 * @queue: which writer, modulo their number
 * @batch: the pages; done() is called once all have their results
 *
 * Does not sleep.  What finds no room waits for it in a list.
 */
void mage_rdma_submit_writes(struct mage_device *dev, unsigned int queue,
			     struct mage_io_batch *batch);

/**
 * mage_rdma_poll() - reap the completions of a queue now
 * @dev: the far device
 * @queue: which writer, modulo their number
 */
void mage_rdma_poll(struct mage_device *dev, unsigned int queue);

#endif /* _MAGE_RDMA_WRITE_H */
