/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's session: what all connections to one memory node
 * share, whether it still works, and who is using it.
 *
 * It knows nobody above it.  What a failure causes there is its owner's affair,
 * who hands down struct mage_rdma_session_ops.
 */
#ifndef _MAGE_RDMA_SESSION_H
#define _MAGE_RDMA_SESSION_H

#include <linux/atomic.h>
#include <linux/compiler_attributes.h>
#include <linux/completion.h>
#include <linux/percpu-refcount.h>
#include <linux/socket.h>
#include <linux/types.h>
#include <uapi/linux/mage.h>
#include <uapi/linux/mage_wire.h>

struct ib_device;
struct ib_pd;
struct mage_connect;
struct mage_rdma_reader;
struct mage_rdma_session;
struct mage_rdma_writer;
struct netlink_ext_ack;

/**
 * enum mage_rdma_session_state - the life of a session
 * @MAGE_RDMA_CONNECTING: not all of its connections are there yet
 * @MAGE_RDMA_LIVE: in use
 * @MAGE_RDMA_FAILED: every operation fails from now on
 */
enum mage_rdma_session_state {
	MAGE_RDMA_CONNECTING,
	MAGE_RDMA_LIVE,
	MAGE_RDMA_FAILED,
};

/**
 * struct mage_rdma_session_ops - what a session's owner does when something happens
 * @failed: it has just failed, for good; @was_live says whether it was in use.
 *	Called at most once, in any context, also before the last connection is
 *	made.  Wakes who waits and sees to it that everything posted comes back.
 * @device_removed: the local RDMA device wants to go; the session has failed, or
 *	connecting will.  Called once for each connection, by its handler of the
 *	communication manager, which must not wait for connections to be given
 *	back; the device does wait for that.
 */
struct mage_rdma_session_ops {
	void (*failed)(struct mage_rdma_session *session, bool was_live);
	void (*device_removed)(struct mage_rdma_session *session);
};

/**
 * struct mage_rdma_session - one session with one memory node
 * @ops: what its owner does when something happens
 * @name: address and port, for people
 * @addr: its address
 * @size: bytes that it lends
 * @ibdev: the local RDMA device, set once the control connection has one
 * @pd: protection domain of all connections, the owner's to make and give back
 * @iwarp: the local device speaks iWARP
 * @token: names the session
 * @remote_addr: RDMA address of slot 0
 * @rkey: key to it
 * @nr_readers: number of @readers
 * @nr_writers: number of @writers
 * @readers: queues for reads, the owner's to make and give back; opaque here
 * @writers: queues for writes, likewise
 * @state: enum mage_rdma_session_state.  No lock: it changes by atomic exchange,
 *	so one alone makes it fail; whoever looked just before that posts to a
 *	queue pair that will give everything back.  Failing, and going live
 *	where that succeeds, are full barriers.
 * @why: why it failed; written once, by whoever made it fail, and read by
 *	nobody else but @ops->failed()
 * @users: operations under way: a read, a poll and a batch of writes hold one
 *	each, from before they look at a queue until the result is given
 * @idle: the last of @users has gone
 *
 * What is above @state has no lock: the thread that connects writes it before it
 * makes the session live, and it is constant from then on.  Handlers and works
 * that run meanwhile look at @ops, @name, @ibdev and the queues only, which are
 * there before the queue pair or the identifier whose events they handle.
 */
struct mage_rdma_session {
	const struct mage_rdma_session_ops *ops;
	char name[MAGE_NAME_LEN + 16];
	struct sockaddr_storage addr;
	u64 size;
	struct ib_device *ibdev;
	struct ib_pd *pd;
	bool iwarp;
	u8 token[MAGE_WIRE_TOKEN_LEN];
	u64 remote_addr;
	u32 rkey;
	unsigned int nr_readers;
	unsigned int nr_writers;
	struct mage_rdma_reader *readers;
	struct mage_rdma_writer *writers;
	atomic_t state;
	char why[160];
	struct percpu_ref users;
	struct completion idle;
};

/**
 * mage_rdma_session_init() - make a session that is connecting
 * @session: the session, zeroed
 * @ops: what its owner does when something happens
 *
 * Return: 0 or a negative errno; nothing stays behind then
 */
int mage_rdma_session_init(struct mage_rdma_session *session,
			   const struct mage_rdma_session_ops *ops);

/**
 * mage_rdma_session_exit() - give back what mage_rdma_session_init() made
 * @session: the session, idle
 */
void mage_rdma_session_exit(struct mage_rdma_session *session);

/**
 * mage_rdma_session_target() - say what the session is to be with
 * @session: the session
 * @to: address, port and size
 * @extack: gets a sentence on failure
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_session_target(struct mage_rdma_session *session,
			     const struct mage_connect *to,
			     struct netlink_ext_ack *extack);

/**
 * mage_rdma_session_go_live() - all connections are there
 * @session: the session
 *
 * Return: false when one of them was lost already
 */
bool mage_rdma_session_go_live(struct mage_rdma_session *session);

/**
 * mage_rdma_fail() - the memory node is gone for good
 * @session: the session with it
 * @fmt: why, for people
 *
 * Any context.  Only the first call has an effect.  Whatever is under way
 * completes with an error.
 */
void mage_rdma_fail(struct mage_rdma_session *session, const char *fmt, ...)
	__printf(2, 3);

/**
 * mage_rdma_session_end() - let no operation begin any more
 * @session: the session; its owner wants it to end, nothing is told about it
 *
 * Once only.
 */
void mage_rdma_session_end(struct mage_rdma_session *session);

/**
 * mage_rdma_session_wait_idle() - wait for the operations under way
 * @session: the session, after mage_rdma_session_end()
 *
 * Their queue pairs must give back what was posted, or this takes for ever.
 */
void mage_rdma_session_wait_idle(struct mage_rdma_session *session);

/**
 * mage_rdma_failed() - does every operation fail from now on?
 * @session: the session
 *
 * Return: true when it has failed.  It may fail at any time, so false is a hint.
 */
static inline bool mage_rdma_failed(struct mage_rdma_session *session)
{
	return atomic_read(&session->state) == MAGE_RDMA_FAILED;
}

/**
 * mage_rdma_session_get() - begin an operation
 * @session: the session
 *
 * Return: false when it ends; true, and mage_rdma_session_put() has to follow
 */
static inline bool mage_rdma_session_get(struct mage_rdma_session *session)
{
	return percpu_ref_tryget_live(&session->users);
}

/**
 * mage_rdma_session_put() - an operation has ended
 * @session: the session; its queues may be gone when this returns
 */
static inline void mage_rdma_session_put(struct mage_rdma_session *session)
{
	percpu_ref_put(&session->users);
}

#endif /* _MAGE_RDMA_SESSION_H */
