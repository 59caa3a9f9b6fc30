// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's handshake on the control connection.
 */
#include <crypto/hash.h>
#include <crypto/utils.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/mage_backend.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>
#include <uapi/linux/mage_wire.h>

#include "conn.h"
#include "handshake.h"
#include "say.h"
#include "session.h"

/* The memory node locks and zeroes the memory before it answers. */
#define MAGE_RDMA_HELLO_S		30
#define MAGE_RDMA_HELLO_S_PER_GIB	3

/**
 * struct mage_rdma_greeting - both messages on their way
 * @send_cqe: completion of the hello
 * @recv_cqe: completion of the welcome
 * @sent: the hello has left, or failed to
 * @received: the welcome is there, or will not come
 * @status: how the welcome completed
 * @len: bytes received
 * @hello: the hello
 * @welcome: the welcome, not trusted
 */
struct mage_rdma_greeting {
	struct ib_cqe send_cqe;
	struct ib_cqe recv_cqe;
	struct completion sent;
	struct completion received;
	enum ib_wc_status status;
	u32 len;
	struct mage_wire_hello hello;
	struct mage_wire_welcome welcome;
};

static void mage_rdma_hello_sent(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_greeting *greeting =
		container_of(wc->wr_cqe, struct mage_rdma_greeting, send_cqe);

	complete(&greeting->sent);
}

static void mage_rdma_welcome_received(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_greeting *greeting =
		container_of(wc->wr_cqe, struct mage_rdma_greeting, recv_cqe);

	greeting->status = wc->status;
	greeting->len = wc->status == IB_WC_SUCCESS ? wc->byte_len : 0;
	complete(&greeting->received);
}

/* HMAC-SHA256 with the secret over label, the two nonces and the message. */
static int mage_rdma_hmac(const struct mage_connect *to, const char *label,
			  const u8 *nonce1, const u8 *nonce2,
			  const void *message, size_t len, u8 *out)
{
	struct crypto_shash *tfm;
	int ret;

	tfm = crypto_alloc_shash("hmac(sha256)", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);

	ret = crypto_shash_setkey(tfm, to->secret, to->secret_len);
	if (!ret) {
		SHASH_DESC_ON_STACK(desc, tfm);

		desc->tfm = tfm;
		ret = crypto_shash_init(desc) ?:
		      crypto_shash_update(desc, (const u8 *)label,
					  strlen(label)) ?:
		      crypto_shash_update(desc, nonce1, MAGE_WIRE_NONCE_LEN);
		if (!ret && nonce2)
			ret = crypto_shash_update(desc, nonce2,
						  MAGE_WIRE_NONCE_LEN);
		if (!ret)
			ret = crypto_shash_finup(desc, message, len, out);
		shash_desc_zero(desc);
	}
	crypto_free_shash(tfm);

	return ret;
}

int mage_rdma_make_hello(const struct mage_rdma_session *session,
			 const struct mage_connect *to, const u8 *node_nonce,
			 struct mage_wire_hello *hello)
{
	hello->magic = cpu_to_be32(MAGE_WIRE_MAGIC);
	hello->version = cpu_to_be16(MAGE_WIRE_VERSION);
	hello->nr_queues = cpu_to_be16(session->nr_readers + session->nr_writers);
	hello->size = cpu_to_be64(to->size);
	get_random_bytes(hello->nonce, sizeof(hello->nonce));

	return mage_rdma_hmac(to, MAGE_WIRE_LABEL_CLIENT, node_nonce, NULL, hello,
			      offsetof(struct mage_wire_hello, hmac),
			      hello->hmac);
}

int mage_rdma_check_welcome(struct mage_rdma_session *session,
			    const struct mage_connect *to, const u8 *node_nonce,
			    const struct mage_wire_hello *hello,
			    struct mage_wire_welcome *welcome, u32 len,
			    struct netlink_ext_ack *extack)
{
	u8 hmac[MAGE_WIRE_HMAC_LEN];
	int ret;

	if (len != sizeof(*welcome) ||
	    welcome->magic != cpu_to_be32(MAGE_WIRE_MAGIC)) {
		NL_SET_ERR_MSG(extack, "the memory node sent garbage: is it a mage-memnoded?");
		return -EPROTO;
	}
	if (welcome->status != cpu_to_be16(MAGE_WIRE_OK)) {
		welcome->message[sizeof(welcome->message) - 1] = '\0';
		return mage_rdma_refusal(session->name,
					 be16_to_cpu(welcome->status),
					 welcome->message, extack);
	}

	ret = mage_rdma_hmac(to, MAGE_WIRE_LABEL_NODE, hello->nonce, node_nonce,
			     welcome, offsetof(struct mage_wire_welcome, hmac),
			     hmac);
	if (ret)
		return ret;
	if (crypto_memneq(hmac, welcome->hmac, sizeof(hmac))) {
		NL_SET_ERR_MSG(extack, "the memory node does not know the secret");
		return -EKEYREJECTED;
	}
	if (welcome->version != cpu_to_be16(MAGE_WIRE_VERSION) ||
	    be64_to_cpu(welcome->size) != to->size) {
		NL_SET_ERR_MSG(extack, "the memory node reserved another size than was asked for");
		return -EPROTO;
	}
	if (be64_to_cpu(welcome->address) > U64_MAX - to->size) {
		NL_SET_ERR_MSG(extack, "the memory node names memory beyond the last address");
		return -EPROTO;
	}

	session->remote_addr = be64_to_cpu(welcome->address);
	session->rkey = be32_to_cpu(welcome->rkey);
	memcpy(session->token, welcome->token, sizeof(session->token));
	return 0;
}

/* Sends the hello and waits for the welcome.  Both buffers are mapped. */
static int mage_rdma_exchange(struct mage_rdma_conn *conn, u64 size,
			      struct mage_rdma_greeting *greeting,
			      u64 hello_dma, u64 welcome_dma,
			      struct netlink_ext_ack *extack)
{
	struct mage_rdma_session *session = conn->session;
	struct ib_sge recv_sge = {
		.addr	= welcome_dma,
		.length	= sizeof(greeting->welcome),
		.lkey	= session->pd->local_dma_lkey,
	};
	struct ib_recv_wr recv = {
		.wr_cqe		= &greeting->recv_cqe,
		.sg_list	= &recv_sge,
		.num_sge	= 1,
	};
	struct ib_sge send_sge = {
		.addr	= hello_dma,
		.length	= sizeof(greeting->hello),
		.lkey	= session->pd->local_dma_lkey,
	};
	struct ib_send_wr send = {
		.wr_cqe		= &greeting->send_cqe,
		.sg_list	= &send_sge,
		.num_sge	= 1,
		.opcode		= IB_WR_SEND,
		.send_flags	= IB_SEND_SIGNALED,
	};
	unsigned long timeout;
	long left;
	int ret;

	ret = ib_post_recv(conn->qp, &recv, NULL);
	if (!ret)
		ret = ib_post_send(conn->qp, &send, NULL);
	if (ret) {
		NL_SET_ERR_MSG_FMT(extack, "sending the hello failed (%pe)",
				   ERR_PTR(ret));
		return ret;
	}

	timeout = (MAGE_RDMA_HELLO_S +
		   (size >> 30) * MAGE_RDMA_HELLO_S_PER_GIB) * HZ;
	left = wait_for_completion_killable_timeout(&greeting->received,
						    timeout);
	if (left < 0)
		return -EINTR;
	if (!left) {
		NL_SET_ERR_MSG(extack, "the memory node did not answer the hello in time");
		return -ETIMEDOUT;
	}

	/* An answer, or an error that both work requests share. */
	wait_for_completion(&greeting->sent);
	return 0;
}

int mage_rdma_handshake(struct mage_rdma_conn *conn,
			const struct mage_connect *to,
			struct netlink_ext_ack *extack)
{
	struct ib_device *ibdev = conn->session->ibdev;
	struct mage_rdma_greeting *greeting;
	u64 hello_dma, welcome_dma;
	int ret;

	greeting = kzalloc(sizeof(*greeting), GFP_KERNEL);
	if (!greeting)
		return -ENOMEM;
	greeting->send_cqe.done = mage_rdma_hello_sent;
	greeting->recv_cqe.done = mage_rdma_welcome_received;
	init_completion(&greeting->sent);
	init_completion(&greeting->received);

	ret = mage_rdma_make_hello(conn->session, to, conn->rep.nonce,
				   &greeting->hello);
	if (ret) {
		NL_SET_ERR_MSG_FMT(extack, "HMAC-SHA256 failed (%pe)",
				   ERR_PTR(ret));
		goto out_free;
	}

	hello_dma = ib_dma_map_single(ibdev, &greeting->hello,
				      sizeof(greeting->hello), DMA_TO_DEVICE);
	ret = ib_dma_mapping_error(ibdev, hello_dma);
	if (ret)
		goto out_free;
	welcome_dma = ib_dma_map_single(ibdev, &greeting->welcome,
					sizeof(greeting->welcome),
					DMA_FROM_DEVICE);
	ret = ib_dma_mapping_error(ibdev, welcome_dma);
	if (ret)
		goto out_unmap;

	ret = mage_rdma_exchange(conn, to->size, greeting, hello_dma,
				 welcome_dma, extack);
	if (ret)
		/* The buffers must not be freed under a work request. */
		ib_drain_qp(conn->qp);

	ib_dma_unmap_single(ibdev, welcome_dma, sizeof(greeting->welcome),
			    DMA_FROM_DEVICE);
	if (!ret && greeting->status != IB_WC_SUCCESS) {
		NL_SET_ERR_MSG(extack, "the memory node closed the connection without an answer");
		ret = -ECONNRESET;
	}
	if (!ret)
		ret = mage_rdma_check_welcome(conn->session, to, conn->rep.nonce,
					      &greeting->hello,
					      &greeting->welcome,
					      greeting->len, extack);
out_unmap:
	ib_dma_unmap_single(ibdev, hello_dma, sizeof(greeting->hello),
			    DMA_TO_DEVICE);
out_free:
	kfree_sensitive(greeting);
	return ret;
}
