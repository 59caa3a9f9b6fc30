/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's memory nodes: opening, suspending, resuming,
 * closing.  What a node consists of is in node.c: nobody else looks at it.
 */
#ifndef _MAGE_RDMA_NODE_H
#define _MAGE_RDMA_NODE_H

struct mage_connect;
struct mage_device;
struct netlink_ext_ack;

/**
 * mage_rdma_connect() - connect to a memory node
 * @dev: the far device; its private, size and nr_write_queues are set
 * @to: address, size and secret
 * @extack: gets a sentence on failure
 *
 * Return: 0 or a negative errno; nothing stays behind then
 */
int mage_rdma_connect(struct mage_device *dev, const struct mage_connect *to,
		      struct netlink_ext_ack *extack);

/**
 * mage_rdma_disconnect() - disconnect from a memory node
 * @dev: the far device; no operation is under way and none follows
 */
void mage_rdma_disconnect(struct mage_device *dev);

/**
 * mage_rdma_node_init() - make what all memory nodes share
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_node_init(void);

/**
 * mage_rdma_node_exit() - give it back; there is no memory node
 */
void mage_rdma_node_exit(void);

#endif /* _MAGE_RDMA_NODE_H */
