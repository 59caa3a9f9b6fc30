// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's session: its target, its state, its users.
 */
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/inet.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/netlink.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/sprintf.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "session.h"

static void mage_rdma_session_idle(struct percpu_ref *ref)
{
	complete(&container_of(ref, struct mage_rdma_session, users)->idle);
}

int mage_rdma_session_init(struct mage_rdma_session *session,
			   const struct mage_rdma_session_ops *ops)
{
	session->ops = ops;
	session->state = MAGE_RDMA_CONNECTING;
	spin_lock_init(&session->lock);
	init_waitqueue_head(&session->changed);
	init_completion(&session->idle);
	session->admits = true;

	return percpu_ref_init(&session->users, mage_rdma_session_idle,
			       PERCPU_REF_ALLOW_REINIT, GFP_KERNEL);
}

void mage_rdma_session_exit(struct mage_rdma_session *session)
{
	percpu_ref_exit(&session->users);
	if (session->net)
		put_net(session->net);
}

int mage_rdma_session_target(struct mage_rdma_session *session,
			     const struct mage_connect *to,
			     struct netlink_ext_ack *extack)
{
	char port[8];

	session->size = to->size;
	session->loss_timeout_ms = to->loss_timeout_ms;
	snprintf(session->name, sizeof(session->name), "%s port %u",
		 to->address, to->port);
	if (!to->port) {
		NL_SET_ERR_MSG(extack, "the memory node's port is missing");
		return -EINVAL;
	}

	session->net = get_net(current->nsproxy->net_ns);
	snprintf(port, sizeof(port), "%u", to->port);
	if (inet_pton_with_scope(session->net, AF_UNSPEC, to->address, port,
				 &session->addr)) {
		NL_SET_ERR_MSG(extack, "the address is not a numeric IPv4 or IPv6 address");
		return -EINVAL;
	}

	return 0;
}

static void mage_rdma_set_state(struct mage_rdma_session *session,
				enum mage_rdma_session_state state)
{
	lockdep_assert_held(&session->lock);
	WRITE_ONCE(session->state, state);
	wake_up_all(&session->changed);
}

bool mage_rdma_session_go_live(struct mage_rdma_session *session)
{
	unsigned long flags;
	bool again, done;

	spin_lock_irqsave(&session->lock, flags);
	again = session->state == MAGE_RDMA_RESUMING;
	done = again || session->state == MAGE_RDMA_CONNECTING;
	if (done)
		mage_rdma_set_state(session, MAGE_RDMA_LIVE);
	/* Who is told so must find it live. */
	if (again)
		session->ops->enters(session, MAGE_RDMA_LIVE);
	spin_unlock_irqrestore(&session->lock, flags);

	return done;
}

bool mage_rdma_session_begin_resume(struct mage_rdma_session *session)
{
	unsigned long flags;
	bool begins;

	spin_lock_irqsave(&session->lock, flags);
	begins = session->state == MAGE_RDMA_SUSPENDED;
	if (begins)
		mage_rdma_set_state(session, MAGE_RDMA_RESUMING);
	spin_unlock_irqrestore(&session->lock, flags);

	return begins;
}

/* Out of use, for now or for good: who finds it so finds that its owner knows. */
static void mage_rdma_set_out_of_use(struct mage_rdma_session *session,
				     enum mage_rdma_session_state state,
				     const char *why)
{
	strscpy(session->why, why);
	if (session->state != MAGE_RDMA_CONNECTING)
		session->ops->enters(session, state);
	/* Pairs with mage_rdma_not_live_error(). */
	smp_wmb();
	mage_rdma_set_state(session, state);
}

void mage_rdma_lost(struct mage_rdma_session *session, const char *fmt, ...)
{
	enum mage_rdma_session_state old;
	char why[sizeof(session->why)];
	unsigned long flags;
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);

	spin_lock_irqsave(&session->lock, flags);
	old = session->state;
	if (old == MAGE_RDMA_RESUMING) {
		mage_rdma_set_state(session, MAGE_RDMA_SUSPENDED);
	} else if (old == MAGE_RDMA_LIVE && session->loss_timeout_ms) {
		session->lost_at = jiffies;
		mage_rdma_set_out_of_use(session, MAGE_RDMA_SUSPENDED, why);
	} else if (old == MAGE_RDMA_LIVE || old == MAGE_RDMA_CONNECTING) {
		mage_rdma_set_out_of_use(session, MAGE_RDMA_FAILED, why);
	}
	spin_unlock_irqrestore(&session->lock, flags);

	if (old == MAGE_RDMA_LIVE)
		session->ops->stopped(session);
}

void mage_rdma_fail(struct mage_rdma_session *session, const char *fmt, ...)
{
	enum mage_rdma_session_state old;
	char why[sizeof(session->why)];
	unsigned long flags;
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);

	spin_lock_irqsave(&session->lock, flags);
	old = session->state;
	if (old != MAGE_RDMA_FAILED)
		mage_rdma_set_out_of_use(session, MAGE_RDMA_FAILED, why);
	spin_unlock_irqrestore(&session->lock, flags);

	if (old != MAGE_RDMA_FAILED && old != MAGE_RDMA_CONNECTING)
		session->ops->stopped(session);
}

unsigned long mage_rdma_session_expire(struct mage_rdma_session *session)
{
	char why[sizeof(session->why)];
	unsigned long flags, end, left = 0;
	bool over = false;

	spin_lock_irqsave(&session->lock, flags);
	if (session->state == MAGE_RDMA_SUSPENDED || session->state == MAGE_RDMA_RESUMING) {
		end = session->lost_at + msecs_to_jiffies(session->loss_timeout_ms);
		over = time_after_eq(jiffies, end);
		left = over ? 0 : end - jiffies;
	}
	if (over) {
		snprintf(why, sizeof(why), "%s, and it was not back after %u ms",
			 session->why, session->loss_timeout_ms);
		mage_rdma_set_out_of_use(session, MAGE_RDMA_FAILED, why);
	}
	spin_unlock_irqrestore(&session->lock, flags);

	if (over)
		session->ops->stopped(session);
	return left;
}

bool mage_rdma_session_end(struct mage_rdma_session *session)
{
	unsigned long flags;
	bool live;

	spin_lock_irqsave(&session->lock, flags);
	live = session->state == MAGE_RDMA_LIVE;
	mage_rdma_set_state(session, MAGE_RDMA_FAILED);
	spin_unlock_irqrestore(&session->lock, flags);

	return live;
}

void mage_rdma_session_refuse(struct mage_rdma_session *session)
{
	if (!session->admits)
		return;
	session->admits = false;
	percpu_ref_kill(&session->users);
}

bool mage_rdma_session_is_idle(struct mage_rdma_session *session)
{
	if (!wait_for_completion_timeout(&session->idle, HZ))
		return false;
	/* For who asks again. */
	complete(&session->idle);
	return true;
}

void mage_rdma_session_admit(struct mage_rdma_session *session)
{
	if (session->admits)
		return;
	reinit_completion(&session->idle);
	percpu_ref_reinit(&session->users);
	session->admits = true;
}
