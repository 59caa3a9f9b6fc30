/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's connections.
 *
 * A connection is made, connected and given back by one thread at a time, its
 * owner's.  Handlers of the communication manager and of the queue pair run
 * beside that thread; they tell it by @changed of the session, and the session when
 * the connection was lost.
 */
#ifndef _MAGE_RDMA_CONN_H
#define _MAGE_RDMA_CONN_H

#include <linux/completion.h>
#include <linux/types.h>
#include <uapi/linux/mage_wire.h>

struct ib_cq;
struct ib_qp;
struct mage_rdma_session;
struct netlink_ext_ack;
struct rdma_cm_id;

/**
 * struct mage_rdma_conn - a connection to the memory node
 * @session: whose it is; the first member, which mage_rdma_conn_init() leaves out when it clears
 *	the others
 * @id: communication identifier, NULL before and after
 * @qp: its queue pair, NULL before and after.  Whoever may run while the
 *	connection is made reads it with smp_load_acquire(), which pairs with
 *	mage_rdma_conn_create_qp(), and so finds all that was made before it,
 *	too.  It becomes NULL again when nobody is left who could look.
 * @cq: completion queue of @qp alone
 * @up: it was established.  Written by a handler, before @step, and read by the
 *	owner without a lock: one that gave up waiting and misses it leaves out
 *	the farewell only, destroying @id waits for handlers
 * @step: a step of connecting has ended; set by a handler with release, after all
 *	that it found, and cleared by the owner
 * @runs_on: @qp could not be stopped, and may still do what was posted.  Of the one
 *	thread that stops it
 * @down: the connection has ended
 * @error: why the step failed, a negative errno; written before @step
 * @refused: @rej was filled in by the memory node; likewise
 * @rep: private data of the CM reply, not trusted; likewise
 * @rej: private data of the CM reject, not trusted; likewise
 *
 * Others may use @session, @qp, @cq and @rep, and @id once it was resolved.
 */
struct mage_rdma_conn {
	struct mage_rdma_session *session;
	struct rdma_cm_id *id;
	struct ib_qp *qp;
	struct ib_cq *cq;
	bool up;
	bool step;
	bool runs_on;
	struct completion down;
	int error;
	bool refused;
	struct mage_wire_rep rep;
	struct mage_wire_rej rej;
};

/**
 * mage_rdma_conn_init() - make a connection that owns nothing yet
 * @conn: the connection, zeroed, or one of which nothing is left
 * @session: whose it is
 */
void mage_rdma_conn_init(struct mage_rdma_conn *conn,
			 struct mage_rdma_session *session);

/**
 * mage_rdma_conn_resolve() - find the local device and the route
 * @conn: the connection
 * @extack: gets a sentence on failure
 *
 * The first connection decides the device of the node.  This, connecting and the
 * handshake end early when the session is not opening any more.
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_conn_resolve(struct mage_rdma_conn *conn,
			   struct netlink_ext_ack *extack);

/**
 * mage_rdma_conn_create_qp() - make the queue pair and its completion queue
 * @conn: a connection that was resolved
 * @send_wr: work requests in the send queue
 * @recv_wr: work requests in the receive queue
 * @extack: gets a sentence on failure
 *
 * One more of each is there for draining.
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_conn_create_qp(struct mage_rdma_conn *conn, unsigned int send_wr,
			     unsigned int recv_wr,
			     struct netlink_ext_ack *extack);

/**
 * mage_rdma_conn_connect() - connect to the memory node
 * @conn: a connection with a queue pair
 * @kind: what it is for
 * @queue: index of the queue, for MAGE_WIRE_DATA; else 0
 * @extack: gets a sentence on failure
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_conn_connect(struct mage_rdma_conn *conn,
			   enum mage_wire_kind kind, unsigned int queue,
			   struct netlink_ext_ack *extack);

/**
 * mage_rdma_conn_wait() - wait for what a handler is to say
 * @conn: a connection that is being made
 * @done: set by it, with release, before it wakes @changed of the session
 * @timeout: in jiffies
 *
 * Return: 0; -ETIMEDOUT; -EINTR when the thread is killed; -ECANCELED when the
 * session is not opening any more
 */
int mage_rdma_conn_wait(struct mage_rdma_conn *conn, const bool *done,
			unsigned long timeout);

/**
 * mage_rdma_conn_say() - let mage_rdma_conn_wait() return
 * @conn: the connection
 * @done: what is waited for
 */
void mage_rdma_conn_say(struct mage_rdma_conn *conn, bool *done);

/**
 * mage_rdma_conn_error() - a work request has failed
 * @conn: the connection
 * @what: the work request, such as "a read"
 * @status: enum ib_wc_status of its completion, not success
 *
 * The session was lost, or if it cannot be any better later, has failed.
 */
void mage_rdma_conn_error(struct mage_rdma_conn *conn, const char *what, int status);

/**
 * mage_rdma_conn_stop() - make the queue pair give back what was posted
 * @conn: the connection, in any state but being destroyed
 *
 * Every outstanding work request completes, with an error.
 */
void mage_rdma_conn_stop(struct mage_rdma_conn *conn);

/**
 * mage_rdma_conn_disconnect() - tell the memory node that it is over
 * @conn: the connection, in any state
 */
void mage_rdma_conn_disconnect(struct mage_rdma_conn *conn);

/**
 * mage_rdma_conn_wait_down() - give the memory node a moment to hear of it
 * @conn: a connection after mage_rdma_conn_disconnect()
 */
void mage_rdma_conn_wait_down(struct mage_rdma_conn *conn);

/**
 * mage_rdma_conn_destroy_qp() - free the queue pair and its completion queue
 * @conn: the connection, in any state
 */
void mage_rdma_conn_destroy_qp(struct mage_rdma_conn *conn);

/**
 * mage_rdma_conn_destroy_id() - free the rest of a connection
 * @conn: the connection, without queue pair
 *
 * The last identifier to go lets a device that is being removed go.
 */
void mage_rdma_conn_destroy_id(struct mage_rdma_conn *conn);

/**
 * mage_rdma_conn_take_rep() - look at the private data of a CM reply
 * @conn: the connection, which gets it as @rep
 * @data: the data, not trusted, or NULL
 * @len: its length, padding included
 *
 * Return: 0, or -EPROTO if no memory node of this version says that
 */
int mage_rdma_conn_take_rep(struct mage_rdma_conn *conn, const void *data,
			    u8 len);

/**
 * mage_rdma_conn_take_rej() - look at the private data of a CM reject
 * @conn: the connection, which gets it as @rej, ending with NUL, and is @refused if
 *	it is a memory node that says so
 * @data: the data, not trusted, or NULL
 * @len: its length, padding included
 */
void mage_rdma_conn_take_rej(struct mage_rdma_conn *conn, const void *data,
			     u8 len);

#endif /* _MAGE_RDMA_CONN_H */
