// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's session: its target, its state, its users.
 */
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/inet.h>
#include <linux/mage_backend.h>
#include <linux/netlink.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/sprintf.h>
#include <linux/stdarg.h>

#include "session.h"

static void mage_rdma_session_idle(struct percpu_ref *ref)
{
	complete(&container_of(ref, struct mage_rdma_session, users)->idle);
}

int mage_rdma_session_init(struct mage_rdma_session *session,
			   const struct mage_rdma_session_ops *ops)
{
	session->ops = ops;
	atomic_set(&session->state, MAGE_RDMA_CONNECTING);
	init_completion(&session->idle);

	return percpu_ref_init(&session->users, mage_rdma_session_idle, 0,
			       GFP_KERNEL);
}

void mage_rdma_session_exit(struct mage_rdma_session *session)
{
	percpu_ref_exit(&session->users);
}

int mage_rdma_session_target(struct mage_rdma_session *session,
			     const struct mage_connect *to,
			     struct netlink_ext_ack *extack)
{
	char port[8];

	session->size = to->size;
	snprintf(session->name, sizeof(session->name), "%s port %u",
		 to->address, to->port);
	if (!to->port) {
		NL_SET_ERR_MSG(extack, "the memory node's port is missing");
		return -EINVAL;
	}

	snprintf(port, sizeof(port), "%u", to->port);
	if (inet_pton_with_scope(current->nsproxy->net_ns, AF_UNSPEC,
				 to->address, port, &session->addr)) {
		NL_SET_ERR_MSG(extack, "the address is not a numeric IPv4 or IPv6 address");
		return -EINVAL;
	}

	return 0;
}

bool mage_rdma_session_go_live(struct mage_rdma_session *session)
{
	return atomic_cmpxchg(&session->state, MAGE_RDMA_CONNECTING,
			      MAGE_RDMA_LIVE) == MAGE_RDMA_CONNECTING;
}

void mage_rdma_fail(struct mage_rdma_session *session, const char *fmt, ...)
{
	va_list args;
	int old;

	old = atomic_xchg(&session->state, MAGE_RDMA_FAILED);
	if (old == MAGE_RDMA_FAILED)
		return;

	va_start(args, fmt);
	vsnprintf(session->why, sizeof(session->why), fmt, args);
	va_end(args);

	session->ops->failed(session, old == MAGE_RDMA_LIVE);
}

void mage_rdma_session_end(struct mage_rdma_session *session)
{
	atomic_set(&session->state, MAGE_RDMA_FAILED);
	percpu_ref_kill(&session->users);
}

void mage_rdma_session_wait_idle(struct mage_rdma_session *session)
{
	wait_for_completion(&session->idle);
}
