/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's reads.
 */
#ifndef _MAGE_RDMA_READ_H
#define _MAGE_RDMA_READ_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "conn.h"

struct mage_device;
struct mage_rdma_read;
struct mage_rdma_session;
struct mage_read_batch;
struct netlink_ext_ack;

/**
 * struct mage_rdma_reader - a queue for reads
 * @conn: its connection; its owner may stop, disconnect and destroy it
 * @nr_mrs: memory regions in the queue pair's pool, which has a lock of its own;
 *	0 when reads need none
 * @ring: @depth reads; read number n is in ring[n % depth].  Kept for the next queue
 *	pair
 * @depth: a power of two
 * @lock: protects what follows, the elements of @ring, and the order of posting.  It is
 *	held while arrivals are told, so that these come in order
 * @head: reads posted so far
 * @acked: reads that have completed
 * @tail: reads given back so far
 * @error: reads are given back as failed; once set it stays until there is a new queue
 *	pair
 * @room: woken when @tail moves or the session is not live any more
 *
 * What is above @lock is written by the session's owner, before it admits operations,
 * and only read while there are reads.
 */
struct mage_rdma_reader {
	struct mage_rdma_conn conn;
	unsigned int nr_mrs;
	struct mage_rdma_read *ring;
	unsigned int depth;
	spinlock_t lock;	/* held while posting and giving back, taken in softirq too */
	unsigned long head;
	unsigned long acked;
	unsigned long tail;
	bool error;
	wait_queue_head_t room;
};

/**
 * mage_rdma_reader_init() - make a reader that owns nothing yet
 * @reader: the reader
 * @session: whose it is
 */
void mage_rdma_reader_init(struct mage_rdma_reader *reader,
			   struct mage_rdma_session *session);

/**
 * mage_rdma_reader_reset() - make the ring, if it is not there, and empty it
 * @reader: the reader, without queue
 * @depth: how many reads it is to hold, a power of two
 *
 * Return: 0 or -ENOMEM
 */
int mage_rdma_reader_reset(struct mage_rdma_reader *reader, unsigned int depth);

/**
 * mage_rdma_reader_open() - connect a queue for reads
 * @reader: the reader, of which no connection is left
 * @queue: index of the queue in the session
 * @extack: gets a sentence on failure
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_reader_open(struct mage_rdma_reader *reader, unsigned int queue,
			  struct netlink_ext_ack *extack);

/**
 * mage_rdma_reader_destroy_qp() - free the queue
 * @reader: the reader, with no read under way
 */
void mage_rdma_reader_destroy_qp(struct mage_rdma_reader *reader);

/**
 * mage_rdma_reader_wake() - let those who wait for room look again
 * @reader: the reader, whose session is not live any more; any context
 */
void mage_rdma_reader_wake(struct mage_rdma_reader *reader);

/**
 * mage_rdma_reader_stop() - give back every read after a failure
 * @reader: the reader; its queue pair is in the error state or does not exist, and its
 *	session is not live
 */
void mage_rdma_reader_stop(struct mage_rdma_reader *reader);

/**
 * mage_rdma_reader_free() - free the rest of a reader
 * @reader: the reader, without queue
 */
void mage_rdma_reader_free(struct mage_rdma_reader *reader);

/**
 * mage_rdma_read_spin_ns() - how long to poll for a read
 * @session: the session, with a device
 *
 * Return: nanoseconds
 */
u32 mage_rdma_read_spin_ns(struct mage_rdma_session *session);

/**
 * mage_rdma_submit_reads() - read pages
 * @dev: the far device
 * @queue: which reader, modulo their number
 * @batch: the pages; those that come to nothing get -EAGAIN when the session was suspended
 * @urgent: somebody waits for them
 *
 * Return: how many were accepted
 */
unsigned int mage_rdma_submit_reads(struct mage_device *dev, unsigned int queue,
				    struct mage_read_batch *batch, bool urgent);

/**
 * mage_rdma_poll_reads() - reap the completions of a queue now
 * @dev: the far device
 * @queue: which reader, modulo their number
 * @sleeps: makes no difference: what is not polled for makes an interrupt
 */
void mage_rdma_poll_reads(struct mage_device *dev, unsigned int queue, bool sleeps);

/**
 * mage_rdma_await_reads() - wait until there may be room for a read
 * @dev: the far device
 * @queue: which reader, modulo their number
 */
void mage_rdma_await_reads(struct mage_device *dev, unsigned int queue);

/**
 * mage_rdma_overdue_reads() - a read does not complete
 * @dev: the far device
 */
void mage_rdma_overdue_reads(struct mage_device *dev);

#endif /* _MAGE_RDMA_READ_H */
