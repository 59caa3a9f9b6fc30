// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's handshake on the control connection.
 */
#include <crypto/hash.h>
#include <crypto/utils.h>
#include <linux/build_bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
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
/* It has it already, and only ends connections. */
#define MAGE_RDMA_RESUME_S		10
#define MAGE_RDMA_GOODBYE_MS		2000

/**
 * struct mage_rdma_greeting - both messages on their way
 * @send_cqe: completion of the message
 * @recv_cqe: completion of the welcome
 * @conn: the control connection
 * @sent: the message has left, or failed to
 * @received: the welcome is there, or will not come; as mage_rdma_conn_wait() wants it
 * @status: how the welcome completed
 * @len: bytes received
 * @hello: the message, of a new session
 * @resume: the message, of one that was suspended
 * @welcome: the welcome, not trusted
 */
struct mage_rdma_greeting {
	struct ib_cqe send_cqe;
	struct ib_cqe recv_cqe;
	struct mage_rdma_conn *conn;
	struct completion sent;
	bool received;
	enum ib_wc_status status;
	u32 len;
	union {
		struct mage_wire_hello hello;
		struct mage_wire_resume resume;
	};
	struct mage_wire_welcome welcome;
};

static void mage_rdma_greeting_sent(struct ib_cq *cq, struct ib_wc *wc)
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
	mage_rdma_conn_say(greeting->conn, &greeting->received);
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

int mage_rdma_make_resume(const struct mage_rdma_session *session,
			  const u8 *node_nonce, struct mage_wire_resume *resume)
{
	resume->magic = cpu_to_be32(MAGE_WIRE_MAGIC);
	resume->version = cpu_to_be16(MAGE_WIRE_VERSION);
	resume->nr_queues = cpu_to_be16(session->nr_readers + session->nr_writers);
	resume->generation = cpu_to_be32(session->generation);
	memcpy(resume->token, session->token, sizeof(resume->token));
	get_random_bytes(resume->nonce, sizeof(resume->nonce));

	return mage_rdma_hmac(&session->again, MAGE_WIRE_LABEL_RESUME, node_nonce,
			      NULL, resume, offsetof(struct mage_wire_resume, hmac),
			      resume->hmac);
}

int mage_rdma_make_key(struct mage_rdma_session *session,
		       const struct mage_connect *to, const u8 *node_nonce,
		       const u8 *nonce)
{
	BUILD_BUG_ON(sizeof(session->again.secret) < MAGE_WIRE_HMAC_LEN);

	session->again.size = session->size;
	session->again.secret_len = MAGE_WIRE_HMAC_LEN;
	return mage_rdma_hmac(to, MAGE_WIRE_LABEL_KEY, nonce, node_nonce,
			      session->token, sizeof(session->token),
			      session->again.secret);
}

int mage_rdma_check_welcome(struct mage_rdma_session *session,
			    const struct mage_connect *to, const u8 *node_nonce,
			    const u8 *nonce, struct mage_wire_welcome *welcome,
			    u32 len, struct netlink_ext_ack *extack)
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

	ret = mage_rdma_hmac(to, MAGE_WIRE_LABEL_NODE, nonce, node_nonce,
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
	if (session->generation &&
	    memcmp(welcome->token, session->token, sizeof(session->token))) {
		NL_SET_ERR_MSG(extack, "the memory node gave back another session");
		return -EPROTO;
	}

	session->remote_addr = be64_to_cpu(welcome->address);
	session->rkey = be32_to_cpu(welcome->rkey);
	memcpy(session->token, welcome->token, sizeof(session->token));
	return 0;
}

/* Sends the message and waits for the welcome.  Both buffers are mapped. */
static int mage_rdma_exchange(struct mage_rdma_conn *conn,
			      struct mage_rdma_greeting *greeting, u32 len,
			      u64 message_dma, u64 welcome_dma,
			      unsigned long timeout, struct netlink_ext_ack *extack)
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
		.addr	= message_dma,
		.length	= len,
		.lkey	= session->pd->local_dma_lkey,
	};
	struct ib_send_wr send = {
		.wr_cqe		= &greeting->send_cqe,
		.sg_list	= &send_sge,
		.num_sge	= 1,
		.opcode		= IB_WR_SEND,
		.send_flags	= IB_SEND_SIGNALED,
	};
	int ret;

	ret = ib_post_recv(conn->qp, &recv, NULL);
	if (!ret)
		ret = ib_post_send(conn->qp, &send, NULL);
	if (ret) {
		NL_SET_ERR_MSG_FMT(extack, "sending the hello failed (%pe)",
				   ERR_PTR(ret));
		return ret;
	}

	ret = mage_rdma_conn_wait(conn, &greeting->received, timeout);
	if (ret == -ETIMEDOUT)
		NL_SET_ERR_MSG(extack, "the memory node did not answer the hello in time");
	else if (ret == -ECANCELED)
		NL_SET_ERR_MSG(extack, "the memory node closed the connection without an answer");
	if (ret)
		return ret;

	/* An answer, or an error that both work requests share. */
	wait_for_completion(&greeting->sent);
	return 0;
}

static struct mage_rdma_greeting *mage_rdma_greeting_alloc(struct mage_rdma_conn *conn)
{
	struct mage_rdma_greeting *greeting = kzalloc(sizeof(*greeting), GFP_KERNEL);

	if (!greeting)
		return NULL;
	greeting->conn = conn;
	greeting->send_cqe.done = mage_rdma_greeting_sent;
	greeting->recv_cqe.done = mage_rdma_welcome_received;
	init_completion(&greeting->sent);
	return greeting;
}

/* The welcome to the first @len bytes of the message is in @greeting, not looked at yet. */
static int mage_rdma_greet(struct mage_rdma_conn *conn,
			   struct mage_rdma_greeting *greeting, u32 len,
			   unsigned long timeout, struct netlink_ext_ack *extack)
{
	struct ib_device *ibdev = conn->session->ibdev;
	u64 message_dma, welcome_dma;
	int ret;

	message_dma = ib_dma_map_single(ibdev, &greeting->hello, len, DMA_TO_DEVICE);
	ret = ib_dma_mapping_error(ibdev, message_dma);
	if (ret)
		return ret;
	welcome_dma = ib_dma_map_single(ibdev, &greeting->welcome,
					sizeof(greeting->welcome),
					DMA_FROM_DEVICE);
	ret = ib_dma_mapping_error(ibdev, welcome_dma);
	if (ret)
		goto out_unmap;

	ret = mage_rdma_exchange(conn, greeting, len, message_dma, welcome_dma,
				 timeout, extack);
	if (ret)
		/* The buffers must not be freed under a work request. */
		ib_drain_qp(conn->qp);

	ib_dma_unmap_single(ibdev, welcome_dma, sizeof(greeting->welcome),
			    DMA_FROM_DEVICE);
	if (!ret && greeting->status != IB_WC_SUCCESS) {
		NL_SET_ERR_MSG(extack, "the memory node closed the connection without an answer");
		ret = -ECONNRESET;
	}
out_unmap:
	ib_dma_unmap_single(ibdev, message_dma, len, DMA_TO_DEVICE);
	return ret;
}

int mage_rdma_handshake(struct mage_rdma_conn *conn,
			const struct mage_connect *to,
			struct netlink_ext_ack *extack)
{
	unsigned long timeout = (MAGE_RDMA_HELLO_S +
				 (to->size >> 30) * MAGE_RDMA_HELLO_S_PER_GIB) * HZ;
	struct mage_rdma_session *session = conn->session;
	struct mage_rdma_greeting *greeting = mage_rdma_greeting_alloc(conn);
	const u8 *node_nonce = conn->rep.nonce;
	int ret;

	if (!greeting)
		return -ENOMEM;
	ret = mage_rdma_make_hello(session, to, node_nonce, &greeting->hello);
	if (!ret)
		ret = mage_rdma_greet(conn, greeting, sizeof(greeting->hello), timeout,
				      extack);
	if (!ret)
		ret = mage_rdma_check_welcome(session, to, node_nonce,
					      greeting->hello.nonce,
					      &greeting->welcome, greeting->len,
					      extack);
	if (!ret)
		ret = mage_rdma_make_key(session, to, node_nonce,
					 greeting->hello.nonce);
	kfree_sensitive(greeting);
	return ret;
}

int mage_rdma_handshake_again(struct mage_rdma_conn *conn,
			      struct netlink_ext_ack *extack)
{
	struct mage_rdma_session *session = conn->session;
	struct mage_rdma_greeting *greeting = mage_rdma_greeting_alloc(conn);
	const u8 *node_nonce = conn->rep.nonce;
	int ret;

	if (!greeting)
		return -ENOMEM;
	ret = mage_rdma_make_resume(session, node_nonce, &greeting->resume);
	if (!ret)
		ret = mage_rdma_greet(conn, greeting, sizeof(greeting->resume),
				      MAGE_RDMA_RESUME_S * HZ, extack);
	if (!ret)
		ret = mage_rdma_check_welcome(session, &session->again, node_nonce,
					      greeting->resume.nonce,
					      &greeting->welcome, greeting->len,
					      extack);
	kfree_sensitive(greeting);
	return ret;
}

/**
 * struct mage_rdma_parting - a goodbye on its way
 * @cqe: its completion
 * @sent: it has arrived, or failed to
 * @message: the goodbye
 */
struct mage_rdma_parting {
	struct ib_cqe cqe;
	struct completion sent;
	struct mage_wire_goodbye message;
};

static void mage_rdma_goodbye_sent(struct ib_cq *cq, struct ib_wc *wc)
{
	struct mage_rdma_parting *parting =
		container_of(wc->wr_cqe, struct mage_rdma_parting, cqe);

	complete(&parting->sent);
}

static void mage_rdma_send_goodbye(struct mage_rdma_conn *conn,
				   struct mage_rdma_parting *parting, u64 dma)
{
	struct ib_sge sge = {
		.addr	= dma,
		.length	= sizeof(parting->message),
		.lkey	= conn->session->pd->local_dma_lkey,
	};
	struct ib_send_wr send = {
		.wr_cqe		= &parting->cqe,
		.sg_list	= &sge,
		.num_sge	= 1,
		.opcode		= IB_WR_SEND,
		.send_flags	= IB_SEND_SIGNALED,
	};

	if (ib_post_send(conn->qp, &send, NULL))
		return;
	/* The message must not be freed under a work request. */
	if (!wait_for_completion_timeout(&parting->sent,
					 msecs_to_jiffies(MAGE_RDMA_GOODBYE_MS)))
		ib_drain_qp(conn->qp);
}

void mage_rdma_goodbye(struct mage_rdma_conn *conn)
{
	struct ib_device *ibdev = conn->session->ibdev;
	struct mage_rdma_parting *parting;
	u64 dma;

	/* Without it the memory node waits for us for a while. */
	parting = kzalloc(sizeof(*parting), GFP_KERNEL);
	if (!parting)
		return;
	parting->cqe.done = mage_rdma_goodbye_sent;
	init_completion(&parting->sent);
	parting->message.magic = cpu_to_be32(MAGE_WIRE_MAGIC);
	parting->message.version = cpu_to_be16(MAGE_WIRE_VERSION);

	dma = ib_dma_map_single(ibdev, &parting->message, sizeof(parting->message),
				DMA_TO_DEVICE);
	if (!ib_dma_mapping_error(ibdev, dma)) {
		mage_rdma_send_goodbye(conn, parting, dma);
		ib_dma_unmap_single(ibdev, dma, sizeof(parting->message),
				    DMA_TO_DEVICE);
	}
	kfree(parting);
}
