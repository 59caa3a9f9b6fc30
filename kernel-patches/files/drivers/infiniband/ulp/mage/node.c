// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's memory node: opening, failing, closing.
 */
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mage_backend.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>

#include "conn.h"
#include "handshake.h"
#include "node.h"
#include "read.h"
#include "session.h"
#include "write.h"

#define MAGE_RDMA_QUEUES	4
#define MAGE_RDMA_WATCHDOG_S	5

/**
 * struct mage_rdma_node - a far device's memory node
 * @dev: the far device; constant
 * @session: the session with it; mage_device.private points here
 * @published: connect() succeeds unless the session's state says otherwise; no
 *	lock, see mage_rdma_device_removed()
 * @closing: protects @closed, and all connections while they are given back;
 *	outside of a writer's locks
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

static struct mage_rdma_node *mage_rdma_node_of(struct mage_rdma_session *session)
{
	return container_of(session, struct mage_rdma_node, session);
}

static void mage_rdma_stop(struct mage_rdma_node *node)
{
	struct mage_rdma_session *session = &node->session;
	unsigned int i;

	mage_rdma_conn_stop(&node->control);
	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_conn_stop(&session->readers[i].conn);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_conn_stop(&session->writers[i].conn);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_writer_stop(&session->writers[i]);
}

static void mage_rdma_stop_work(struct work_struct *work)
{
	mage_rdma_stop(container_of(work, struct mage_rdma_node, stop_work));
}

static void mage_rdma_node_failed(struct mage_rdma_session *session, bool was_live)
{
	struct mage_rdma_node *node = mage_rdma_node_of(session);
	unsigned int i;

	if (was_live)
		mage_device_fail(node->dev, session->why);

	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_writer_wake(&session->writers[i]);
	queue_work(system_unbound_wq, &node->stop_work);
}

/*
 * The thread that connects sets @published before it tries to make the session
 * live.  If it came to that before the session failed, @published is seen here,
 * as both are full barriers; if not, that thread gives everything back itself.
 * Both may happen: then the work is disabled, or waited for, before @node goes.
 */
static void mage_rdma_device_removed(struct mage_rdma_session *session)
{
	struct mage_rdma_node *node = mage_rdma_node_of(session);

	if (READ_ONCE(node->published))
		queue_work(system_unbound_wq, &node->removal_work);
}

static const struct mage_rdma_session_ops mage_rdma_node_session_ops = {
	.failed		= mage_rdma_node_failed,
	.device_removed	= mage_rdma_device_removed,
};

static void mage_rdma_watchdog(struct work_struct *work)
{
	struct mage_rdma_node *node =
		container_of(work, struct mage_rdma_node, watchdog.work);
	struct mage_rdma_session *session = &node->session;
	unsigned int i;

	for (i = 0; i < session->nr_writers; i++)
		if (mage_rdma_writer_is_stuck(&session->writers[i]))
			mage_rdma_fail(session, "memory node %s: writes do not complete",
				       session->name);

	queue_delayed_work(system_unbound_wq, &node->watchdog,
			   MAGE_RDMA_WATCHDOG_S * HZ);
}

/* Gives everything back but the memory of @node itself.  May be repeated. */
static void mage_rdma_node_close(struct mage_rdma_node *node)
{
	struct mage_rdma_session *session = &node->session;
	unsigned int i;

	mutex_lock(&node->closing);
	if (node->closed)
		goto out_unlock;
	node->closed = true;

	mage_rdma_session_end(session);
	disable_delayed_work_sync(&node->watchdog);
	disable_work_sync(&node->stop_work);
	mage_rdma_stop(node);
	mage_rdma_session_wait_idle(session);

	/* The session ends with the control connection: that one goes last. */
	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_conn_disconnect(&session->readers[i].conn);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_conn_disconnect(&session->writers[i].conn);
	mage_rdma_conn_disconnect(&node->control);
	mage_rdma_conn_wait_down(&node->control);

	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_reader_destroy_qp(&session->readers[i]);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_writer_destroy_qp(&session->writers[i]);
	mage_rdma_conn_destroy_qp(&node->control);
	if (session->pd)
		ib_dealloc_pd(session->pd);

	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_conn_destroy_id(&session->readers[i].conn);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_conn_destroy_id(&session->writers[i].conn);
	mage_rdma_conn_destroy_id(&node->control);

out_unlock:
	mutex_unlock(&node->closing);
}

static void mage_rdma_removal_work(struct work_struct *work)
{
	mage_rdma_node_close(container_of(work, struct mage_rdma_node,
					  removal_work));
}

static void mage_rdma_node_free(struct mage_rdma_node *node)
{
	disable_work_sync(&node->removal_work);
	mage_rdma_node_close(node);
	mage_rdma_session_exit(&node->session);
	kfree(node->session.readers);
	kfree(node->session.writers);
	kfree_sensitive(node);
}

void mage_rdma_disconnect(struct mage_device *dev)
{
	mage_rdma_node_free(mage_rdma_node_of(dev->private));
	dev->private = NULL;
}

static struct mage_rdma_node *mage_rdma_node_alloc(struct mage_device *dev)
{
	struct mage_rdma_session *session;
	struct mage_rdma_node *node;
	unsigned int i;

	node = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return NULL;

	node->dev = dev;
	session = &node->session;
	session->nr_readers = min(num_online_cpus(), MAGE_RDMA_QUEUES);
	session->nr_writers = session->nr_readers;
	session->readers = kcalloc(session->nr_readers, sizeof(*session->readers),
				   GFP_KERNEL);
	session->writers = kcalloc(session->nr_writers, sizeof(*session->writers),
				   GFP_KERNEL);
	if (!session->readers || !session->writers)
		goto err_free;
	if (mage_rdma_session_init(session, &mage_rdma_node_session_ops))
		goto err_free;

	mutex_init(&node->closing);
	INIT_WORK(&node->stop_work, mage_rdma_stop_work);
	INIT_WORK(&node->removal_work, mage_rdma_removal_work);
	INIT_DELAYED_WORK(&node->watchdog, mage_rdma_watchdog);
	mage_rdma_conn_init(&node->control, session);
	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_reader_init(&session->readers[i], session);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_writer_init(&session->writers[i], session);

	return node;

err_free:
	kfree(session->readers);
	kfree(session->writers);
	kfree(node);
	return NULL;
}

static int mage_rdma_open_control(struct mage_rdma_node *node,
				  const struct mage_connect *to,
				  struct netlink_ext_ack *extack)
{
	struct mage_rdma_session *session = &node->session;
	struct mage_rdma_conn *conn = &node->control;
	int ret;

	ret = mage_rdma_conn_resolve(conn, extack);
	if (ret)
		return ret;

	session->iwarp = rdma_protocol_iwarp(session->ibdev, conn->id->port_num);

	session->pd = ib_alloc_pd(session->ibdev, 0);
	if (IS_ERR(session->pd)) {
		ret = PTR_ERR(session->pd);
		session->pd = NULL;
		NL_SET_ERR_MSG_FMT(extack, "no protection domain (%pe)",
				   ERR_PTR(ret));
		return ret;
	}

	ret = mage_rdma_conn_create_qp(conn, 1, 1, extack);
	if (ret)
		return ret;
	ret = mage_rdma_conn_connect(conn, MAGE_WIRE_CONTROL, 0, extack);
	if (ret)
		return ret;

	return mage_rdma_handshake(conn, to, extack);
}

static int mage_rdma_open_queues(struct mage_rdma_session *session,
				 struct netlink_ext_ack *extack)
{
	unsigned int i;
	int ret;

	for (i = 0; i < session->nr_readers; i++) {
		ret = mage_rdma_reader_open(&session->readers[i], i, extack);
		if (ret)
			return ret;
	}
	for (i = 0; i < session->nr_writers; i++) {
		ret = mage_rdma_writer_open(&session->writers[i],
					    session->nr_readers + i, extack);
		if (ret)
			return ret;
	}

	return 0;
}

int mage_rdma_connect(struct mage_device *dev, const struct mage_connect *to,
		      struct netlink_ext_ack *extack)
{
	struct mage_rdma_session *session;
	struct mage_rdma_node *node;
	int ret;

	node = mage_rdma_node_alloc(dev);
	if (!node) {
		NL_SET_ERR_MSG(extack, "no memory for a far device");
		return -ENOMEM;
	}

	session = &node->session;
	ret = mage_rdma_session_target(session, to, extack);
	if (ret)
		goto err_free;
	dev->size = to->size;
	dev->nr_write_queues = session->nr_writers;
	dev->private = session;

	ret = mage_rdma_open_control(node, to, extack);
	if (!ret)
		ret = mage_rdma_open_queues(session, extack);
	if (ret)
		goto err_free;

	/* Now: once the session is live the device may be removed at any time. */
	pr_info("mage: memory node %s over %s: %llu MiB, %u queues for reads, %u for writes\n",
		session->name, dev_name(&session->ibdev->dev), to->size >> 20,
		session->nr_readers, session->nr_writers);
	WRITE_ONCE(node->published, true);
	if (!mage_rdma_session_go_live(session)) {
		NL_SET_ERR_MSG(extack, "the memory node closed the connection at once");
		ret = -ECONNRESET;
		goto err_free;
	}
	queue_delayed_work(system_unbound_wq, &node->watchdog,
			   MAGE_RDMA_WATCHDOG_S * HZ);
	return 0;

err_free:
	dev->private = NULL;
	mage_rdma_node_free(node);
	return ret;
}
