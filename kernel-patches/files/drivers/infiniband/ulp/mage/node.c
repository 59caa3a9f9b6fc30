// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's memory node: opening, failing, closing.
 */
#include <linux/inet.h>
#include <linux/netlink.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>

#include "mage_rdma.h"

#define MAGE_RDMA_QUEUES	4
#define MAGE_RDMA_SPIN_NS	10000
#define MAGE_RDMA_WATCHDOG_S	5

static void mage_rdma_stop(struct mage_rdma_node *node)
{
	unsigned int i;

	mage_rdma_conn_stop(&node->control);
	for (i = 0; i < node->nr_readers; i++)
		mage_rdma_conn_stop(&node->readers[i].conn);
	for (i = 0; i < node->nr_writers; i++)
		mage_rdma_conn_stop(&node->writers[i].conn);
	for (i = 0; i < node->nr_writers; i++)
		mage_rdma_writer_stop(&node->writers[i]);
}

static void mage_rdma_stop_work(struct work_struct *work)
{
	mage_rdma_stop(container_of(work, struct mage_rdma_node, stop_work));
}

/**
 * mage_rdma_fail() - the memory node is gone for good
 * @node: the memory node
 * @fmt: why, for people
 *
 * Any context.  Only the first call has an effect.  Whatever is under way
 * completes with an error.
 */
void mage_rdma_fail(struct mage_rdma_node *node, const char *fmt, ...)
{
	unsigned int i;
	va_list args;
	int old;

	old = atomic_xchg(&node->state, MAGE_RDMA_FAILED);
	if (old == MAGE_RDMA_FAILED)
		return;

	va_start(args, fmt);
	vsnprintf(node->why, sizeof(node->why), fmt, args);
	va_end(args);
	if (old == MAGE_RDMA_LIVE)
		mage_device_fail(node->dev, node->why);

	for (i = 0; i < node->nr_writers; i++)
		wake_up_all(&node->writers[i].room);
	queue_work(system_unbound_wq, &node->stop_work);
}

static void mage_rdma_watchdog(struct work_struct *work)
{
	struct mage_rdma_node *node =
		container_of(work, struct mage_rdma_node, watchdog.work);
	unsigned int i;

	for (i = 0; i < node->nr_writers; i++)
		if (mage_rdma_writer_is_stuck(&node->writers[i]))
			mage_rdma_fail(node, "memory node %s: writes do not complete",
				       node->name);

	queue_delayed_work(system_unbound_wq, &node->watchdog,
			   MAGE_RDMA_WATCHDOG_S * HZ);
}

static void mage_rdma_idle(struct percpu_ref *ref)
{
	complete(&container_of(ref, struct mage_rdma_node, users)->idle);
}

/* Gives everything back but the memory of @node itself.  May be repeated. */
static void mage_rdma_node_close(struct mage_rdma_node *node)
{
	unsigned int i;

	mutex_lock(&node->closing);
	if (node->closed)
		goto out_unlock;
	node->closed = true;

	atomic_set(&node->state, MAGE_RDMA_FAILED);
	percpu_ref_kill(&node->users);
	disable_delayed_work_sync(&node->watchdog);
	disable_work_sync(&node->stop_work);
	mage_rdma_stop(node);
	wait_for_completion(&node->idle);

	/* The session ends with the control connection: that one goes last. */
	for (i = 0; i < node->nr_readers; i++)
		mage_rdma_conn_disconnect(&node->readers[i].conn);
	for (i = 0; i < node->nr_writers; i++)
		mage_rdma_conn_disconnect(&node->writers[i].conn);
	mage_rdma_conn_disconnect(&node->control);
	mage_rdma_conn_wait_down(&node->control);

	for (i = 0; i < node->nr_readers; i++)
		mage_rdma_reader_destroy_qp(&node->readers[i]);
	for (i = 0; i < node->nr_writers; i++)
		mage_rdma_writer_destroy_qp(&node->writers[i]);
	mage_rdma_conn_destroy_qp(&node->control);
	if (node->pd)
		ib_dealloc_pd(node->pd);

	for (i = 0; i < node->nr_readers; i++)
		mage_rdma_conn_destroy_id(&node->readers[i].conn);
	for (i = 0; i < node->nr_writers; i++)
		mage_rdma_conn_destroy_id(&node->writers[i].conn);
	mage_rdma_conn_destroy_id(&node->control);

out_unlock:
	mutex_unlock(&node->closing);
}

static void mage_rdma_removal_work(struct work_struct *work)
{
	mage_rdma_node_close(container_of(work, struct mage_rdma_node,
					  removal_work));
}

/**
 * mage_rdma_node_free() - disconnect from a memory node
 * @node: the memory node; no operation is under way and none follows
 */
void mage_rdma_node_free(struct mage_rdma_node *node)
{
	disable_work_sync(&node->removal_work);
	mage_rdma_node_close(node);
	percpu_ref_exit(&node->users);
	kfree(node->readers);
	kfree(node->writers);
	kfree_sensitive(node);
}

static struct mage_rdma_node *mage_rdma_node_alloc(struct mage_device *dev)
{
	struct mage_rdma_node *node;
	unsigned int i;

	node = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return NULL;

	node->dev = dev;
	node->nr_readers = min(num_online_cpus(), MAGE_RDMA_QUEUES);
	node->nr_writers = node->nr_readers;
	node->readers = kcalloc(node->nr_readers, sizeof(*node->readers),
				GFP_KERNEL);
	node->writers = kcalloc(node->nr_writers, sizeof(*node->writers),
				GFP_KERNEL);
	if (!node->readers || !node->writers)
		goto err_free;
	if (percpu_ref_init(&node->users, mage_rdma_idle, 0, GFP_KERNEL))
		goto err_free;

	atomic_set(&node->state, MAGE_RDMA_CONNECTING);
	init_completion(&node->idle);
	mutex_init(&node->closing);
	INIT_WORK(&node->stop_work, mage_rdma_stop_work);
	INIT_WORK(&node->removal_work, mage_rdma_removal_work);
	INIT_DELAYED_WORK(&node->watchdog, mage_rdma_watchdog);
	mage_rdma_conn_init(&node->control, node);
	for (i = 0; i < node->nr_readers; i++)
		mage_rdma_reader_init(&node->readers[i], node);
	for (i = 0; i < node->nr_writers; i++)
		mage_rdma_writer_init(&node->writers[i], node);

	return node;

err_free:
	kfree(node->readers);
	kfree(node->writers);
	kfree(node);
	return NULL;
}

static int mage_rdma_parse_address(struct mage_rdma_node *node,
				   const struct mage_connect *to,
				   struct netlink_ext_ack *extack)
{
	char port[8];

	snprintf(node->name, sizeof(node->name), "%s port %u", to->address,
		 to->port);
	if (!to->port) {
		NL_SET_ERR_MSG(extack, "the memory node's port is missing");
		return -EINVAL;
	}

	snprintf(port, sizeof(port), "%u", to->port);
	if (inet_pton_with_scope(current->nsproxy->net_ns, AF_UNSPEC,
				 to->address, port, &node->addr)) {
		NL_SET_ERR_MSG(extack, "the address is not a numeric IPv4 or IPv6 address");
		return -EINVAL;
	}

	return 0;
}

static int mage_rdma_open_control(struct mage_rdma_node *node,
				  const struct mage_connect *to,
				  struct netlink_ext_ack *extack)
{
	struct mage_rdma_conn *conn = &node->control;
	int ret;

	ret = mage_rdma_conn_resolve(conn, extack);
	if (ret)
		return ret;

	/* Software devices do their work on this CPU: polling keeps them from it. */
	node->spin_ns = ib_uses_virt_dma(node->ibdev) ? 0 : MAGE_RDMA_SPIN_NS;
	node->read_needs_mr = rdma_protocol_iwarp(node->ibdev,
						  conn->id->port_num);

	node->pd = ib_alloc_pd(node->ibdev, 0);
	if (IS_ERR(node->pd)) {
		ret = PTR_ERR(node->pd);
		node->pd = NULL;
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

	return mage_rdma_handshake(node, to, extack);
}

static int mage_rdma_open_queues(struct mage_rdma_node *node,
				 struct netlink_ext_ack *extack)
{
	unsigned int i;
	int ret;

	for (i = 0; i < node->nr_readers; i++) {
		ret = mage_rdma_reader_open(&node->readers[i], i, extack);
		if (ret)
			return ret;
	}
	for (i = 0; i < node->nr_writers; i++) {
		ret = mage_rdma_writer_open(&node->writers[i],
					    node->nr_readers + i, extack);
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * mage_rdma_node_open() - connect to a memory node
 * @dev: the far device; its private, size and nr_write_queues are set
 * @to: address, size and secret
 * @extack: gets a sentence on failure
 *
 * Return: 0 or a negative errno; nothing stays behind then
 */
int mage_rdma_node_open(struct mage_device *dev, const struct mage_connect *to,
			struct netlink_ext_ack *extack)
{
	struct mage_rdma_node *node;
	int ret;

	node = mage_rdma_node_alloc(dev);
	if (!node) {
		NL_SET_ERR_MSG(extack, "no memory for a far device");
		return -ENOMEM;
	}

	ret = mage_rdma_parse_address(node, to, extack);
	if (ret)
		goto err_free;
	dev->size = to->size;
	dev->nr_write_queues = node->nr_writers;
	dev->private = node;

	ret = mage_rdma_open_control(node, to, extack);
	if (!ret)
		ret = mage_rdma_open_queues(node, extack);
	if (ret)
		goto err_free;

	node->published = true;
	if (atomic_cmpxchg(&node->state, MAGE_RDMA_CONNECTING,
			   MAGE_RDMA_LIVE) != MAGE_RDMA_CONNECTING) {
		NL_SET_ERR_MSG(extack, "the memory node closed the connection at once");
		ret = -ECONNRESET;
		goto err_free;
	}
	queue_delayed_work(system_unbound_wq, &node->watchdog,
			   MAGE_RDMA_WATCHDOG_S * HZ);

	pr_info("mage: memory node %s over %s: %llu MiB, %u queues for reads, %u for writes\n",
		node->name, dev_name(&node->ibdev->dev), to->size >> 20,
		node->nr_readers, node->nr_writers);
	return 0;

err_free:
	dev->private = NULL;
	mage_rdma_node_free(node);
	return ret;
}
