// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's memory node: opening, suspending, resuming, closing.
 */
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mage_backend.h>
#include <linux/minmax.h>
#include <linux/netlink.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
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

/* From the end of an attempt to resume to the next one. */
#define MAGE_RDMA_RETRY_MS	500

/*
 * For what readers, and whoever wants memory, wait for: it has a thread in reserve.
 * Constant while there is the backend.
 */
static struct workqueue_struct *mage_rdma_queue;
/* Recovery waits for a memory node, and may have that thread: what only looks has another. */
static struct workqueue_struct *mage_rdma_timer_queue;

/**
 * struct mage_rdma_node - a far device's memory node
 * @dev: the far device; constant
 * @session: the session with it; mage_device.private points here
 * @recover: gives all connections back once the session is not live any more, and
 *	makes them again.  From the moment that the session is live to the end of
 *	this work, which disconnecting awaits, it is the owner of the session and of
 *	its connections; before and after that it is the thread that connects or
 *	disconnects.
 * @loss: fails a session that is suspended for too long
 * @watchdog: finds writers that make no progress, and keeps an idle connection alive
 * @control: the control connection
 * @probe_cqe: completion of a write of nothing on it
 * @probing: one is under way
 * @greeted: the memory node has welcomed the session on the control connection that there
 *	is, or was last; for whoever opens and frees it
 * @said: why the last attempt to resume did not succeed; of @recover alone
 */
struct mage_rdma_node {
	struct mage_device *dev;
	struct mage_rdma_session session;
	struct delayed_work recover;
	struct delayed_work loss;
	struct delayed_work watchdog;
	struct mage_rdma_conn control;
	struct ib_cqe probe_cqe;
	bool probing;
	bool greeted;
	char said[80];
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
	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_reader_stop(&session->readers[i]);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_writer_stop(&session->writers[i]);
}

static void mage_rdma_node_enters(struct mage_rdma_session *session,
				  enum mage_rdma_session_state state)
{
	struct mage_device *dev = mage_rdma_node_of(session)->dev;

	if (state == MAGE_RDMA_LIVE)
		mage_device_resume(dev);
	else if (state == MAGE_RDMA_SUSPENDED)
		mage_device_suspend(dev, session->why);
	else
		mage_device_fail(dev, session->why);
}

static void mage_rdma_node_stopped(struct mage_rdma_session *session)
{
	struct mage_rdma_node *node = mage_rdma_node_of(session);
	unsigned int i;

	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_reader_wake(&session->readers[i]);
	mod_delayed_work(mage_rdma_queue, &node->recover, 0);
	mod_delayed_work(mage_rdma_timer_queue, &node->loss, 0);
}

static const struct mage_rdma_session_ops mage_rdma_node_session_ops = {
	.enters		= mage_rdma_node_enters,
	.stopped	= mage_rdma_node_stopped,
};

static void mage_rdma_loss(struct work_struct *work)
{
	struct mage_rdma_node *node = container_of(work, struct mage_rdma_node, loss.work);
	struct mage_rdma_session *session = &node->session;
	unsigned long left = mage_rdma_session_expire(session);
	unsigned int i;

	/* The work that recovers does it too, but may have to wait for memory, or for others. */
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_writer_refuse(&session->writers[i]);
	if (left)
		queue_delayed_work(mage_rdma_timer_queue, &node->loss, left);
}

static void mage_rdma_probed(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_node *node =
		container_of(wc->wr_cqe, struct mage_rdma_node, probe_cqe);

	if (wc->status != IB_WC_SUCCESS)
		mage_rdma_conn_error(&node->control, "a probe", wc->status);
	WRITE_ONCE(node->probing, false);
}

/*
 * A write of nothing needs no key, and fails when nobody is there.  Without it an idle
 * client would not hear that its connections were lost before its memory is freed.
 */
static void mage_rdma_probe(struct mage_rdma_node *node)
{
	struct ib_rdma_wr wr = {
		.wr = {
			.wr_cqe		= &node->probe_cqe,
			.opcode		= IB_WR_RDMA_WRITE,
			.send_flags	= IB_SEND_SIGNALED,
		},
	};

	if (READ_ONCE(node->probing))
		return;
	WRITE_ONCE(node->probing, true);
	if (ib_post_send(node->control.qp, &wr.wr, NULL)) {
		WRITE_ONCE(node->probing, false);
		mage_rdma_lost(&node->session, "memory node %s: posting a probe failed",
			       node->session.name);
	}
}

static void mage_rdma_watchdog(struct work_struct *work)
{
	struct mage_rdma_node *node =
		container_of(work, struct mage_rdma_node, watchdog.work);
	struct mage_rdma_session *session = &node->session;
	unsigned int i;

	for (i = 0; i < session->nr_writers; i++)
		if (mage_rdma_writer_is_stuck(&session->writers[i]))
			mage_rdma_lost(session, "memory node %s: writes do not complete",
				       session->name);
	/* The connection stays as long as this counts among the operations. */
	if (mage_rdma_live(session) && mage_rdma_session_get(session)) {
		mage_rdma_probe(node);
		mage_rdma_session_put(session);
	}

	queue_delayed_work(mage_rdma_timer_queue, &node->watchdog,
			   MAGE_RDMA_WATCHDOG_S * HZ);
}

/*
 * Gives all connections back; none may be there, or some.  No page is the local RDMA
 * device's any more then.
 */
static void mage_rdma_node_shut(struct mage_rdma_node *node)
{
	struct mage_rdma_session *session = &node->session;
	unsigned int i;

	mage_rdma_session_refuse(session);
	do {
		mage_rdma_stop(node);
	} while (!mage_rdma_session_is_idle(session));

	/* The memory node notices by the control connection: that one goes last. */
	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_conn_disconnect(&session->readers[i].conn);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_conn_disconnect(&session->writers[i].conn);
	mage_rdma_conn_disconnect(&node->control);

	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_reader_destroy_qp(&session->readers[i]);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_writer_destroy_qp(&session->writers[i]);
	mage_rdma_conn_destroy_qp(&node->control);
	if (session->pd)
		ib_dealloc_pd(session->pd);
	session->pd = NULL;

	/* The last identifier to go lets a device that is being removed go. */
	for (i = 0; i < session->nr_readers; i++)
		mage_rdma_conn_destroy_id(&session->readers[i].conn);
	for (i = 0; i < session->nr_writers; i++)
		mage_rdma_conn_destroy_id(&session->writers[i].conn);
	mage_rdma_conn_destroy_id(&node->control);
	session->ibdev = NULL;
}

static void mage_rdma_node_free(struct mage_rdma_node *node)
{
	/* Who was welcomed has memory there, though the queues may not be had. */
	bool says_goodbye = mage_rdma_session_end(&node->session) || node->greeted;
	unsigned int i;

	disable_delayed_work_sync(&node->watchdog);
	disable_delayed_work_sync(&node->loss);
	disable_delayed_work_sync(&node->recover);
	if (says_goodbye && node->control.qp) {
		mage_rdma_goodbye(&node->control);
		mage_rdma_conn_disconnect(&node->control);
		mage_rdma_conn_wait_down(&node->control);
	}
	mage_rdma_node_shut(node);
	mage_rdma_session_exit(&node->session);
	for (i = 0; i < node->session.nr_readers; i++)
		mage_rdma_reader_free(&node->session.readers[i]);
	for (i = 0; i < node->session.nr_writers; i++)
		mage_rdma_writer_free(&node->session.writers[i]);
	kfree(node->session.readers);
	kfree(node->session.writers);
	kfree_sensitive(node);
}

void mage_rdma_disconnect(struct mage_device *dev)
{
	mage_rdma_node_free(mage_rdma_node_of(dev->private));
	dev->private = NULL;
}

static void mage_rdma_recover(struct work_struct *work);

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

	node->probe_cqe.done = mage_rdma_probed;
	INIT_DELAYED_WORK(&node->recover, mage_rdma_recover);
	INIT_DELAYED_WORK(&node->loss, mage_rdma_loss);
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

/* With @to NULL the session is to be resumed. */
static int mage_rdma_open_control(struct mage_rdma_node *node,
				  const struct mage_connect *to,
				  struct netlink_ext_ack *extack)
{
	struct mage_rdma_session *session = &node->session;
	struct mage_rdma_conn *conn = &node->control;
	int ret;

	mage_rdma_conn_init(conn, session);
	node->probing = false;
	node->greeted = false;
	ret = mage_rdma_conn_resolve(conn, extack);
	if (ret)
		return ret;

	session->iwarp = rdma_protocol_iwarp(session->ibdev, conn->id->port_num);
	/*
	 * There a write is complete when TCP has it, and a read by another connection may
	 * come before it.  Until each chain of writes ends with a read of its own the slot
	 * could be read as it was before.
	 */
	if (session->iwarp) {
		NL_SET_ERR_MSG(extack,
			       "the RDMA device speaks iWARP, on which a write may be overtaken by a read; use InfiniBand or RoCE");
		return -EOPNOTSUPP;
	}

	session->pd = ib_alloc_pd(session->ibdev, 0);
	if (IS_ERR(session->pd)) {
		ret = PTR_ERR(session->pd);
		session->pd = NULL;
		NL_SET_ERR_MSG_FMT(extack, "no protection domain (%pe)",
				   ERR_PTR(ret));
		return ret;
	}

	/* The message, or a goodbye and a probe. */
	ret = mage_rdma_conn_create_qp(conn, 2, 1, extack);
	if (ret)
		return ret;
	ret = mage_rdma_conn_connect(conn, to ? MAGE_WIRE_CONTROL : MAGE_WIRE_RESUME,
				     0, extack);
	if (ret)
		return ret;

	ret = to ? mage_rdma_handshake(conn, to, extack) :
		   mage_rdma_handshake_again(conn, extack);
	node->greeted = !ret;
	return ret;
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

/* All connections, up to the moment before operations may use them. */
static int mage_rdma_node_open(struct mage_rdma_node *node,
			       const struct mage_connect *to,
			       struct netlink_ext_ack *extack)
{
	int ret;

	ret = mage_rdma_open_control(node, to, extack);
	if (!ret)
		ret = mage_rdma_open_queues(&node->session, extack);
	/* Only the answer to a resume says that the session is over. */
	if (ret == -ESTALE && node->greeted)
		ret = -EAGAIN;
	if (ret)
		return ret;

	/* A session may be resumed over another local RDMA device. */
	WRITE_ONCE(node->dev->read_spin_ns, mage_rdma_read_spin_ns(&node->session));
	mage_rdma_session_admit(&node->session);
	return 0;
}

/* Each attempt ends the same way until something changes: it is said once. */
static void mage_rdma_say_why_not(struct mage_rdma_node *node, const char *why)
{
	if (!strncmp(node->said, why, sizeof(node->said) - 1))
		return;
	strscpy(node->said, why);
	pr_info("mage: memory node %s: not resumed yet: %s\n", node->session.name, why);
}

static void mage_rdma_recover(struct work_struct *work)
{
	struct mage_rdma_node *node =
		container_of(work, struct mage_rdma_node, recover.work);
	struct mage_rdma_session *session = &node->session;
	struct netlink_ext_ack extack = {};
	unsigned int noio;
	int ret;

	if (mage_rdma_live(session))
		return;
	mage_rdma_node_shut(node);
	if (!mage_rdma_session_begin_resume(session))
		return;

	/* Of an attempt of which we do not hear the memory node may have. */
	session->generation++;
	/* Memory that would have to be written out first may have to go here. */
	noio = memalloc_noio_save();
	ret = mage_rdma_node_open(node, NULL, &extack);
	memalloc_noio_restore(noio);
	if (!ret && mage_rdma_session_go_live(session)) {
		node->said[0] = '\0';
		return;
	}

	mage_rdma_node_shut(node);
	if (ret == -ESTALE) {
		mage_rdma_fail(session, "memory node %s: it has freed the memory",
			       session->name);
		return;
	}
	mage_rdma_say_why_not(node, extack._msg ?: "a connection was lost again");
	/* Unless it has failed meanwhile, it is suspended again. */
	mage_rdma_lost(session, "not resumed");
	queue_delayed_work(mage_rdma_queue, &node->recover,
			   msecs_to_jiffies(MAGE_RDMA_RETRY_MS));
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

	ret = mage_rdma_node_open(node, to, extack);
	if (ret)
		goto err_free;

	/* Now: once the session is live the device may be removed at any time. */
	pr_info("mage: memory node %s over %s: %llu MiB, %u queues for reads, %u for writes\n",
		session->name, dev_name(&session->ibdev->dev), to->size >> 20,
		session->nr_readers, session->nr_writers);
	if (!mage_rdma_session_go_live(session)) {
		NL_SET_ERR_MSG(extack, "the memory node closed the connection at once");
		ret = -ECONNRESET;
		goto err_free;
	}
	queue_delayed_work(mage_rdma_timer_queue, &node->watchdog,
			   MAGE_RDMA_WATCHDOG_S * HZ);
	return 0;

err_free:
	dev->private = NULL;
	mage_rdma_node_free(node);
	return ret;
}

int mage_rdma_node_init(void)
{
	mage_rdma_queue = alloc_workqueue("mage_rdma", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!mage_rdma_queue)
		return -ENOMEM;
	mage_rdma_timer_queue = alloc_workqueue("mage_rdma_timer",
						WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!mage_rdma_timer_queue) {
		destroy_workqueue(mage_rdma_queue);
		return -ENOMEM;
	}
	return 0;
}

void mage_rdma_node_exit(void)
{
	destroy_workqueue(mage_rdma_timer_queue);
	destroy_workqueue(mage_rdma_queue);
}
