/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's handshake on the control connection.  Owns no state
 * that outlives it.
 */
#ifndef _MAGE_RDMA_HANDSHAKE_H
#define _MAGE_RDMA_HANDSHAKE_H

struct mage_connect;
struct mage_rdma_conn;
struct netlink_ext_ack;

/**
 * mage_rdma_handshake() - reserve memory on the node
 * @conn: the control connection, established
 * @to: what is wanted, and the secret
 * @extack: gets a sentence on failure
 *
 * Return: 0, with the session's token, remote_addr and rkey set, or a negative
 * errno
 */
int mage_rdma_handshake(struct mage_rdma_conn *conn,
			const struct mage_connect *to,
			struct netlink_ext_ack *extack);

#endif /* _MAGE_RDMA_HANDSHAKE_H */
