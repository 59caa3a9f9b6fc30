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
struct mage_wire_resume;
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
 * mage_rdma_make_resume() - write which session is ours
 * @session: the session, with the generation that it is to have
 * @node_nonce: the memory node's, from its CM reply
 * @resume: filled, with a nonce of our own
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_make_resume(const struct mage_rdma_session *session,
			  const u8 *node_nonce, struct mage_wire_resume *resume);

/**
 * mage_rdma_check_welcome() - look at what the memory node answered
 * @session: gets token, remote_addr and rkey, unless something is wrong
 * @to: what was asked for, and the secret; or @again of @session
 * @node_nonce: the memory node's, from its CM reply
 * @nonce: ours, from the hello or the resume
 * @welcome: the answer, not trusted
 * @len: bytes of it that came
 * @extack: gets a sentence on failure
 *
 * Return: 0 or a negative errno; -ESTALE when there is no such session any more
 */
int mage_rdma_check_welcome(struct mage_rdma_session *session,
			    const struct mage_connect *to, const u8 *node_nonce,
			    const u8 *nonce, struct mage_wire_welcome *welcome,
			    u32 len, struct netlink_ext_ack *extack);

/**
 * mage_rdma_make_key() - make what the session is resumed with
 * @session: the session, welcomed; gets @again
 * @to: what was asked for, and the secret
 * @node_nonce: the memory node's, from its CM reply
 * @nonce: ours, from the hello
 *
 * Return: 0 or a negative errno
 */
int mage_rdma_make_key(struct mage_rdma_session *session,
		       const struct mage_connect *to, const u8 *node_nonce,
		       const u8 *nonce);

/**
 * mage_rdma_handshake() - reserve memory on the node
 * @conn: the control connection, established
 * @to: what is wanted, and the secret
 * @extack: gets a sentence on failure
 *
 * Return: 0, with the session's token, again, remote_addr and rkey set, or a negative
 * errno
 */
int mage_rdma_handshake(struct mage_rdma_conn *conn,
			const struct mage_connect *to,
			struct netlink_ext_ack *extack);

/**
 * mage_rdma_handshake_again() - get reserved memory back
 * @conn: the control connection, established for MAGE_WIRE_RESUME; its session has
 *	a generation that was not used before
 * @extack: gets a sentence on failure
 *
 * Return: 0, with the session's remote_addr and rkey set, and nothing under way any
 * more that was sent on another connection; or a negative errno, -ESTALE when the
 * memory is gone for good
 */
int mage_rdma_handshake_again(struct mage_rdma_conn *conn,
			      struct netlink_ext_ack *extack);

/**
 * mage_rdma_goodbye() - tell the memory node that its memory is not needed any more
 * @conn: the control connection, after a handshake, with nothing else under way
 *
 * Returns once it has heard, or after a while.
 */
void mage_rdma_goodbye(struct mage_rdma_conn *conn);

#endif /* _MAGE_RDMA_HANDSHAKE_H */
