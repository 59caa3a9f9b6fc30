/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's reads.
 */
#ifndef _MAGE_RDMA_READ_H
#define _MAGE_RDMA_READ_H

#include <linux/semaphore.h>
#include <linux/types.h>

#include "conn.h"

struct mage_device;
struct mage_rdma_session;
struct netlink_ext_ack;
struct page;

/**
 * struct mage_rdma_reader - a queue for reads
 * @conn: its connection; its owner may stop, disconnect and destroy it
 * @room: reads that may still be posted; it is what keeps the queue pair from
 *	running over, there is no lock
 * @spin_ns: how long a read polls before it sleeps
 * @nr_mrs: memory regions in the queue pair's pool, which has a lock of its own;
 *	0 when reads need none
 *
 * All but @room is written by the session's owner, before it admits operations, and
 * only read while there are reads.
 */
struct mage_rdma_reader {
	struct mage_rdma_conn conn;
	struct semaphore room;
	u32 spin_ns;
	unsigned int nr_mrs;
};

/**
 * mage_rdma_reader_init() - make a reader that owns nothing yet
 * @reader: the reader
 * @session: whose it is
 */
void mage_rdma_reader_init(struct mage_rdma_reader *reader,
			   struct mage_rdma_session *session);

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
 * mage_rdma_read() - read one page
 * @dev: the far device
 * @page: where to
 * @slot: where from
 *
 * Return: 0 or a negative errno; -EAGAIN when the session was suspended.  The
 * device has done with the page in any case.
 */
int mage_rdma_read(struct mage_device *dev, struct page *page, pgoff_t slot);

#endif /* _MAGE_RDMA_READ_H */
