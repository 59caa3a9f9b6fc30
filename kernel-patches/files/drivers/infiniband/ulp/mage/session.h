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

#include <linux/compiler_attributes.h>
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/mage_backend.h>
#include <linux/percpu-refcount.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <uapi/linux/mage.h>
#include <uapi/linux/mage_wire.h>

struct ib_device;
struct ib_pd;
struct mage_rdma_reader;
struct mage_rdma_session;
struct mage_rdma_writer;
struct net;
struct netlink_ext_ack;

/**
 * enum mage_rdma_session_state - the life of a session
 * @MAGE_RDMA_CONNECTING: not all of its connections are there yet
 * @MAGE_RDMA_LIVE: in use
 * @MAGE_RDMA_SUSPENDED: a connection was lost; all are given back, and made again.
 *	Writes fail, reads are to be asked for again
 * @MAGE_RDMA_RESUMING: they are being made; the same for operations
 * @MAGE_RDMA_FAILED: every operation fails from now on
 *
 * CONNECTING becomes LIVE or FAILED; LIVE, SUSPENDED; SUSPENDED, RESUMING; RESUMING,
 * LIVE or SUSPENDED; and all may become FAILED, which stays.
 */
enum mage_rdma_session_state {
	MAGE_RDMA_CONNECTING,
	MAGE_RDMA_LIVE,
	MAGE_RDMA_SUSPENDED,
	MAGE_RDMA_RESUMING,
	MAGE_RDMA_FAILED,
};

/**
 * struct mage_rdma_session_ops - what a session's owner does when something happens
 * @enters: it becomes live again, suspended, or failed after it was in use.  Called
 *	under @lock of the session, in any context: before operations can see that
 *	it is suspended or has failed, and after they can see that it is live.
 * @stopped: it is no longer live.  Called without @lock of the session, in any context;
 *	a reader's or a writer's lock may be held, so it takes none of those.  Wakes who
 *	waits and sees to it that everything posted or waiting comes back.
 */
struct mage_rdma_session_ops {
	void (*enters)(struct mage_rdma_session *session,
		       enum mage_rdma_session_state state);
	void (*stopped)(struct mage_rdma_session *session);
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
 * @net: network namespace that it was connected from, with a reference
 * @loss_timeout_ms: how long it may be suspended before it fails; 0: not at all
 * @token: names the session
 * @generation: of the last attempt to resume it; 0 before the first
 * @again: what is asked for to resume it: its size, and its key as the secret
 * @remote_addr: RDMA address of slot 0
 * @rkey: key to it
 * @nr_readers: number of @readers
 * @nr_writers: number of @writers
 * @readers: queues for reads, the owner's to make and give back; opaque here
 * @writers: queues for writes, likewise
 * @admits: @users counts, and has not been killed; the owner's alone
 * @lock: changes of @state, and @why and @lost_at
 * @state: enum mage_rdma_session_state.  Read without a lock: whoever looked just
 *	before it changed posts to a queue pair that will give everything back.
 * @changed: woken when @state has changed, or a step of connecting is over
 * @why: why it was suspended, or failed
 * @lost_at: jiffies when it was suspended
 * @users: operations under way: a poll, and a batch of reads or writes, hold one each,
 *	from before they look at a queue until the last result is given
 * @idle: the last of @users has gone
 *
 * What is above @lock has none: the owner alone writes it, while it connects or
 * resumes, and it is constant while there are @users.  Handlers and works that run
 * meanwhile look at @ops, @name, @ibdev and the queues only, which are there before
 * the queue pair or the identifier whose events they handle.
 */
struct mage_rdma_session {
	const struct mage_rdma_session_ops *ops;
	char name[MAGE_NAME_LEN + 16];
	struct sockaddr_storage addr;
	u64 size;
	struct ib_device *ibdev;
	struct ib_pd *pd;
	bool iwarp;
	struct net *net;
	u32 loss_timeout_ms;
	u8 token[MAGE_WIRE_TOKEN_LEN];
	u32 generation;
	struct mage_connect again;
	u64 remote_addr;
	u32 rkey;
	unsigned int nr_readers;
	unsigned int nr_writers;
	struct mage_rdma_reader *readers;
	struct mage_rdma_writer *writers;
	bool admits;
	spinlock_t lock;	/* held for moments, taken in handlers and softirq too */
	enum mage_rdma_session_state state;
	wait_queue_head_t changed;
	char why[160];
	unsigned long lost_at;
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
 * @session: the session, connecting or resuming, which admits operations
 *
 * Return: false when one of them was lost already, or the session has failed
 */
bool mage_rdma_session_go_live(struct mage_rdma_session *session);

/**
 * mage_rdma_session_begin_resume() - connections are about to be made again
 * @session: the session, of which none is left
 *
 * Return: false when it is not suspended, so that none must be
 */
bool mage_rdma_session_begin_resume(struct mage_rdma_session *session);

/**
 * mage_rdma_lost() - a connection does not work any more
 * @session: the session
 * @fmt: why, for people
 *
 * Any context.  A live session is suspended, or fails where that is not wanted, one
 * that is resuming has to begin anew, one that is connecting fails; else this has no
 * effect.  Whatever is under way completes with an error.
 */
void mage_rdma_lost(struct mage_rdma_session *session, const char *fmt, ...)
	__printf(2, 3);

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
 * mage_rdma_session_expire() - fail if the session has been suspended for too long
 * @session: the session
 *
 * Return: jiffies until it will have been, 0 if it is not suspended
 */
unsigned long mage_rdma_session_expire(struct mage_rdma_session *session);

/**
 * mage_rdma_session_end() - let no operation succeed any more
 * @session: the session; its owner wants it to end, nothing is told about it
 *
 * Return: whether it was live
 */
bool mage_rdma_session_end(struct mage_rdma_session *session);

/**
 * mage_rdma_session_refuse() - let no operation begin any more
 * @session: the session, not live
 *
 * Owner only.  May be repeated.
 */
void mage_rdma_session_refuse(struct mage_rdma_session *session);

/**
 * mage_rdma_session_is_idle() - wait a little for the operations under way
 * @session: the session, after mage_rdma_session_refuse()
 *
 * Their queue pairs must give back what was posted.
 *
 * Return: true when there are none left
 */
bool mage_rdma_session_is_idle(struct mage_rdma_session *session);

/**
 * mage_rdma_session_admit() - let operations begin again
 * @session: the session, idle, with all its queues
 *
 * Owner only.  May be repeated.
 */
void mage_rdma_session_admit(struct mage_rdma_session *session);

/**
 * mage_rdma_live() - can operations succeed?
 * @session: the session
 *
 * Return: true when it is live.  It may be lost at any time, so true is a hint.
 */
static inline bool mage_rdma_live(struct mage_rdma_session *session)
{
	return READ_ONCE(session->state) == MAGE_RDMA_LIVE;
}

/**
 * mage_rdma_opening() - are connections being made?
 * @session: the session
 *
 * Return: false when whoever makes them is to give up
 */
static inline bool mage_rdma_opening(struct mage_rdma_session *session)
{
	enum mage_rdma_session_state state = READ_ONCE(session->state);

	return state == MAGE_RDMA_CONNECTING || state == MAGE_RDMA_RESUMING;
}

/**
 * mage_rdma_not_live_error() - what a read gets that was not, or could not be, posted
 * @session: the session, which was not live
 *
 * Return: -EIO when it has failed, -EAGAIN when it is to be asked again.  Then the
 * far device is suspended, or was until just now.
 */
static inline int mage_rdma_not_live_error(struct mage_rdma_session *session)
{
	enum mage_rdma_session_state state = READ_ONCE(session->state);

	/*
	 * Pairs with mage_rdma_set_out_of_use(): the state comes after what the far
	 * device says, and whoever is told to ask again looks at that.
	 */
	smp_rmb();
	return state == MAGE_RDMA_FAILED ? -EIO : -EAGAIN;
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
