/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the rdma backend's handshake on the control connection.  Owns no state
 * that outlives it.
 */
#ifndef _MAGE_RDMA_HANDSHAKE_H
#define _MAGE_RDMA_HANDSHAKE_H

#include <linux/types.h>

struct mage_connect;
struct mage_rdma_conn;
struct mage_rdma_session;
struct mage_wire_hello;
struct mage_wire_welcome;
struct netlink_ext_ack;

/**
 * mage_rdma_make_hello() - write who we are and what we want
 * @session: the session that is to be
 * @to: what is wanted, and the secret
 * @node_nonce: the memory node's, from its CM reply
 * @hello: filled, with a nonce of our own
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_make_hello(const struct mage_rdma_session *session,
			 const struct mage_connect *to, const u8 *node_nonce,
			 struct mage_wire_hello *hello);

/**
 * mage_rdma_check_welcome() - look at what the memory node answered
 * @session: gets token, remote_addr and rkey, unless something is wrong
 * @to: what was asked for, and the secret
 * @node_nonce: the memory node's, from its CM reply
 * @hello: what was sent
 * @welcome: the answer, not trusted
 * @len: bytes of it that came
 * @extack: gets a sentence on failure
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_check_welcome(struct mage_rdma_session *session,
			    const struct mage_connect *to, const u8 *node_nonce,
			    const struct mage_wire_hello *hello,
			    struct mage_wire_welcome *welcome, u32 len,
			    struct netlink_ext_ack *extack);

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
