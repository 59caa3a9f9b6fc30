// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's table of operations.
 */
#include <linux/init.h>
#include <linux/mage_backend.h>
#include <linux/module.h>

#include "node.h"
#include "read.h"
#include "write.h"

static struct mage_backend_ops mage_rdma_ops = {
	.name		= "rdma",
	.owner		= THIS_MODULE,
	.connect	= mage_rdma_connect,
	.disconnect	= mage_rdma_disconnect,
	.submit_reads	= mage_rdma_submit_reads,
	.poll_reads	= mage_rdma_poll_reads,
	.await_reads	= mage_rdma_await_reads,
	.overdue_reads	= mage_rdma_overdue_reads,
	.submit_writes	= mage_rdma_submit_writes,
	.poll		= mage_rdma_poll,
};

static int __init mage_rdma_init(void)
{
	int err = mage_rdma_node_init();

	if (err)
		return err;
	err = mage_backend_register(&mage_rdma_ops);
	if (err)
		mage_rdma_node_exit();
	return err;
}
module_init(mage_rdma_init);

static void __exit mage_rdma_exit(void)
{
	mage_backend_unregister(&mage_rdma_ops);
	mage_rdma_node_exit();
}
module_exit(mage_rdma_exit);

MODULE_DESCRIPTION("Mage far memory over RDMA");
MODULE_LICENSE("GPL");
MODULE_ALIAS("mage-backend-rdma");
