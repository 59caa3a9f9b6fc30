// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of mage-memnoded in user space, for its tests: speaks the protocol
 * of linux/mage_wire.h, well and badly.
 *
 *   memnode_client ADDRESS PORT SECRET TEST [SIZE]
 *
 * Comes from the address $MEMNODE_SOURCE, if that is set.  Prints one line, what came out.  Exit
 * status 0 when the test passed, 1 when it failed, 2 when it could not be run.  The tests are in
 * the table at the end; SIZE is in bytes.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <linux/mage_wire.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <rdma/rdma_cma.h>

#define STEP_MS 10000
#define STALE_TRIES 100 /* attempts with a key, which takes a session each */
#define PAGE 4096
#define QUEUES 2

static const char *address, *port, *secret;
static uint64_t size = 1 << 20;

/* A connection with buffers that the device may use. */
struct link {
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	struct ibv_pd *pd;
	bool own_pd;
	struct ibv_cq *cq;
	struct ibv_mr *mr;
	uint8_t *buffer; /* PAGE bytes */
	struct mage_wire_rep rep;
	struct mage_wire_rej rej;
};

struct session {
	struct link control;
	struct link data[QUEUES];
	struct mage_wire_hello hello;
	struct mage_wire_resume resume;
	struct mage_wire_welcome welcome;
	uint8_t key[MAGE_WIRE_HMAC_LEN]; /* the session's */
	uint32_t generation;
};

static void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf(" (%s)\n", strerror(errno));
	exit(2);
}

static bool result(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool result(bool good, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	return good;
}

/* Waits for an event of the connection; RDMA_CM_EVENT_TIMEWAIT_EXIT for none. */
static enum rdma_cm_event_type next_event(struct link *link, int ms)
{
	struct pollfd pollfd = { .fd = link->channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;
	enum rdma_cm_event_type type;

	if (poll(&pollfd, 1, ms) <= 0)
		return RDMA_CM_EVENT_TIMEWAIT_EXIT;
	if (rdma_get_cm_event(link->channel, &event))
		die("rdma_get_cm_event");
	type = event->event;
	if (type == RDMA_CM_EVENT_ESTABLISHED &&
	    event->param.conn.private_data_len >= sizeof(link->rep))
		memcpy(&link->rep, event->param.conn.private_data, sizeof(link->rep));
	if (type == RDMA_CM_EVENT_REJECTED &&
	    event->param.conn.private_data_len >= sizeof(link->rej))
		memcpy(&link->rej, event->param.conn.private_data, sizeof(link->rej));
	rdma_ack_cm_event(event);
	return type;
}

static void expect_event(struct link *link, enum rdma_cm_event_type wanted)
{
	enum rdma_cm_event_type type = next_event(link, STEP_MS);

	if (type != wanted)
		die("%s instead of %s", rdma_event_str(type), rdma_event_str(wanted));
}

static struct addrinfo *resolve(const char *host, const char *service)
{
	struct addrinfo *info;

	if (getaddrinfo(host, service, NULL, &info))
		die("%s is no address", host);
	return info;
}

/* Up to the queue pair. */
static void open_link(struct link *link, struct ibv_pd *pd)
{
	struct ibv_qp_init_attr attr = {
		.cap = {
			.max_send_wr = 4,
			.max_recv_wr = 4,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.qp_type = IBV_QPT_RC,
	};
	const char *source = getenv("MEMNODE_SOURCE");
	struct addrinfo *to = resolve(address, port), *from = source ? resolve(source, NULL) : NULL;

	memset(link, 0, sizeof(*link));
	link->channel = rdma_create_event_channel();
	if (!link->channel || rdma_create_id(link->channel, &link->id, NULL, RDMA_PS_TCP) ||
	    rdma_resolve_addr(link->id, from ? from->ai_addr : NULL, to->ai_addr, STEP_MS))
		die("rdma_resolve_addr");
	freeaddrinfo(to);
	if (from)
		freeaddrinfo(from);
	expect_event(link, RDMA_CM_EVENT_ADDR_RESOLVED);
	if (rdma_resolve_route(link->id, STEP_MS))
		die("rdma_resolve_route");
	expect_event(link, RDMA_CM_EVENT_ROUTE_RESOLVED);

	link->own_pd = !pd;
	link->pd = pd ? pd : ibv_alloc_pd(link->id->verbs);
	link->cq = ibv_create_cq(link->id->verbs, 8, NULL, NULL, 0);
	link->buffer = calloc(1, PAGE);
	if (!link->pd || !link->cq || !link->buffer)
		die("resources");
	link->mr = ibv_reg_mr(link->pd, link->buffer, PAGE, IBV_ACCESS_LOCAL_WRITE);
	attr.send_cq = link->cq;
	attr.recv_cq = link->cq;
	if (!link->mr || rdma_create_qp(link->id, link->pd, &attr))
		die("queue pair");
}

static void close_link(struct link *link)
{
	if (!link->id)
		return;
	rdma_disconnect(link->id);
	rdma_destroy_qp(link->id);
	rdma_destroy_id(link->id);
	ibv_dereg_mr(link->mr);
	ibv_destroy_cq(link->cq);
	if (link->own_pd)
		ibv_dealloc_pd(link->pd);
	rdma_destroy_event_channel(link->channel);
	free(link->buffer);
	link->id = NULL;
}

/* Connects with these private data.  False when it was rejected. */
static bool connect_raw(struct link *link, const void *data, uint8_t len)
{
	struct rdma_conn_param param = {
		.private_data = data,
		.private_data_len = len,
		.responder_resources = 1,
		.initiator_depth = 1,
		.retry_count = 6,
		.rnr_retry_count = 6,
	};
	enum rdma_cm_event_type type;

	if (rdma_connect(link->id, &param))
		die("rdma_connect");
	type = next_event(link, STEP_MS);
	if (type == RDMA_CM_EVENT_REJECTED)
		return false;
	if (type != RDMA_CM_EVENT_ESTABLISHED)
		die("connecting: %s", rdma_event_str(type));
	return true;
}

static bool connect_link(struct link *link, enum mage_wire_kind kind, unsigned int queue,
			 uint32_t generation, const uint8_t *token)
{
	struct mage_wire_req req = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.kind = htobe16(kind),
		.queue = htobe16(queue),
		.generation = htobe32(generation),
	};

	if (token)
		memcpy(req.token, token, sizeof(req.token));
	return connect_raw(link, &req, sizeof(req));
}

static bool await(struct link *link, struct ibv_wc *wc, int seconds)
{
	struct timespec nap = { .tv_nsec = 1000000 };
	time_t end = time(NULL) + seconds;

	while (time(NULL) <= end) {
		if (ibv_poll_cq(link->cq, 1, wc) > 0)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

static void post_receive(struct link *link, size_t offset, uint32_t len)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)link->buffer + offset,
		.length = len,
		.lkey = link->mr->lkey,
	};
	struct ibv_recv_wr wr = { .wr_id = 1, .sg_list = &sge, .num_sge = 1 };
	struct ibv_recv_wr *bad;

	if (ibv_post_recv(link->id->qp, &wr, &bad))
		die("ibv_post_recv");
}

static void post(struct link *link, enum ibv_wr_opcode opcode, uint32_t len, uint64_t remote,
		 uint32_t rkey)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)link->buffer,
		.length = len,
		.lkey = link->mr->lkey,
	};
	struct ibv_send_wr wr = {
		.wr_id = 2,
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = opcode,
		.send_flags = IBV_SEND_SIGNALED,
		.wr.rdma = { .remote_addr = remote, .rkey = rkey },
	};
	struct ibv_send_wr *bad;

	if (ibv_post_send(link->id->qp, &wr, &bad))
		die("ibv_post_send");
}

/* One RDMA READ or WRITE of the buffer.  True when it succeeded. */
static bool transfer(struct link *link, enum ibv_wr_opcode opcode, uint64_t remote, uint32_t rkey)
{
	struct ibv_wc wc;

	post(link, opcode, PAGE, remote, rkey);
	if (!await(link, &wc, 60))
		die("no completion");
	return wc.status == IBV_WC_SUCCESS;
}

static void hmac(const void *text, size_t len, uint8_t *code)
{
	HMAC(EVP_sha256(), secret, (int)strlen(secret), text, len, code, NULL);
}

static void make_hello(struct session *session, uint64_t bytes, unsigned int queues)
{
	struct mage_wire_hello *hello = &session->hello;
	uint8_t text[256];
	size_t len = strlen(MAGE_WIRE_LABEL_CLIENT);

	*hello = (struct mage_wire_hello){
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.nr_queues = htobe16(queues),
		.size = htobe64(bytes),
	};
	if (getrandom(hello->nonce, sizeof(hello->nonce), 0) != sizeof(hello->nonce))
		die("getrandom");
	memcpy(text, MAGE_WIRE_LABEL_CLIENT, len);
	memcpy(text + len, session->control.rep.nonce, MAGE_WIRE_NONCE_LEN);
	len += MAGE_WIRE_NONCE_LEN;
	memcpy(text + len, hello, offsetof(struct mage_wire_hello, hmac));
	hmac(text, len + offsetof(struct mage_wire_hello, hmac), hello->hmac);
}

/* Label, both nonces and a message; returns the length. */
static size_t make_text(uint8_t *text, const char *label, const uint8_t *mine,
			const uint8_t *theirs, const void *message, size_t message_len)
{
	size_t len = strlen(label);

	memcpy(text, label, len);
	memcpy(text + len, mine, MAGE_WIRE_NONCE_LEN);
	len += MAGE_WIRE_NONCE_LEN;
	memcpy(text + len, theirs, MAGE_WIRE_NONCE_LEN);
	len += MAGE_WIRE_NONCE_LEN;
	memcpy(text + len, message, message_len);
	return len + message_len;
}

/* Makes the session's key as well. */
static bool node_knows_secret(struct session *session)
{
	uint8_t text[512], code[MAGE_WIRE_HMAC_LEN];
	size_t len;

	len = make_text(text, MAGE_WIRE_LABEL_NODE, session->hello.nonce,
			session->control.rep.nonce, &session->welcome,
			offsetof(struct mage_wire_welcome, hmac));
	hmac(text, len, code);
	if (memcmp(code, session->welcome.hmac, sizeof(code)))
		return false;
	len = make_text(text, MAGE_WIRE_LABEL_KEY, session->hello.nonce, session->control.rep.nonce,
			session->welcome.token, MAGE_WIRE_TOKEN_LEN);
	hmac(text, len, session->key);
	return true;
}

static bool node_knows_key(const struct session *session)
{
	uint8_t text[512], code[MAGE_WIRE_HMAC_LEN];
	size_t len;

	len = make_text(text, MAGE_WIRE_LABEL_NODE, session->resume.nonce,
			session->control.rep.nonce, &session->welcome,
			offsetof(struct mage_wire_welcome, hmac));
	HMAC(EVP_sha256(), session->key, sizeof(session->key), text, len, code, NULL);
	return !memcmp(code, session->welcome.hmac, sizeof(code));
}

static void make_resume(struct session *session, uint32_t generation, const uint8_t *token)
{
	struct mage_wire_resume *resume = &session->resume;
	uint8_t text[256];
	size_t len = strlen(MAGE_WIRE_LABEL_RESUME);

	*resume = (struct mage_wire_resume){
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.nr_queues = htobe16(QUEUES),
		.generation = htobe32(generation),
	};
	memcpy(resume->token, token, sizeof(resume->token));
	if (getrandom(resume->nonce, sizeof(resume->nonce), 0) != sizeof(resume->nonce))
		die("getrandom");
	memcpy(text, MAGE_WIRE_LABEL_RESUME, len);
	memcpy(text + len, session->control.rep.nonce, MAGE_WIRE_NONCE_LEN);
	len += MAGE_WIRE_NONCE_LEN;
	memcpy(text + len, resume, offsetof(struct mage_wire_resume, hmac));
	len += offsetof(struct mage_wire_resume, hmac);
	HMAC(EVP_sha256(), session->key, sizeof(session->key), text, len, resume->hmac, NULL);
}

/* Sends these bytes for a hello.  True when an answer came. */
static bool say(struct session *session, const void *message, uint32_t len)
{
	struct link *control = &session->control;
	struct ibv_wc wc;

	memcpy(control->buffer, message, len);
	post_receive(control, PAGE / 2, PAGE / 2);
	post(control, IBV_WR_SEND, len, 0, 0);
	for (int i = 0; i < 2; i++) {
		if (!await(control, &wc, 30))
			die("no answer to the hello");
		if (wc.status != IBV_WC_SUCCESS)
			return false;
	}
	memcpy(&session->welcome, control->buffer + PAGE / 2, sizeof(session->welcome));
	return true;
}

static enum mage_wire_status greet(struct session *session, uint64_t bytes, unsigned int queues)
{
	open_link(&session->control, NULL);
	if (!connect_link(&session->control, MAGE_WIRE_CONTROL, 0, 0, NULL)) {
		snprintf(session->welcome.message, sizeof(session->welcome.message), "%s",
			 session->control.rej.message);
		return be16toh(session->control.rej.status);
	}
	make_hello(session, bytes, queues);
	if (!say(session, &session->hello, sizeof(session->hello)))
		die("the node closed the connection");
	if (session->welcome.status == htobe16(MAGE_WIRE_OK) && !node_knows_secret(session))
		die("the node does not know the secret");
	return be16toh(session->welcome.status);
}

static void open_queues(struct session *session)
{
	for (unsigned int i = 0; i < QUEUES; i++) {
		open_link(&session->data[i], session->control.pd);
		if (!connect_link(&session->data[i], MAGE_WIRE_DATA, i, session->generation,
				  session->welcome.token))
			die("queue %u: %s", i, session->data[i].rej.message);
	}
}

static void open_session(struct session *session)
{
	enum mage_wire_status status;

	memset(session, 0, sizeof(*session));
	status = greet(session, size, QUEUES);
	if (status != MAGE_WIRE_OK)
		die("refused with status %d: %s", status, session->welcome.message);
	open_queues(session);
}

/* A new control connection for the session of old, and what the node answers. */
static enum mage_wire_status take_over(struct session *session, const struct session *old,
				       uint32_t generation)
{
	memset(session, 0, sizeof(*session));
	memcpy(session->key, old->key, sizeof(session->key));
	session->generation = generation;
	open_link(&session->control, NULL);
	if (!connect_link(&session->control, MAGE_WIRE_RESUME, 0, 0, old->welcome.token))
		return be16toh(session->control.rej.status);
	make_resume(session, generation, old->welcome.token);
	if (!say(session, &session->resume, sizeof(session->resume)))
		die("the node closed the connection");
	if (session->welcome.status == htobe16(MAGE_WIRE_OK) && !node_knows_key(session))
		die("the node does not know the session's key");
	return be16toh(session->welcome.status);
}

/* As when the client is gone. */
static void drop_session(struct session *session)
{
	for (unsigned int i = 0; i < QUEUES; i++)
		close_link(&session->data[i]);
	close_link(&session->control);
}

static void close_session(struct session *session)
{
	const struct mage_wire_goodbye goodbye = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
	};
	struct ibv_wc wc;

	memcpy(session->control.buffer, &goodbye, sizeof(goodbye));
	post(&session->control, IBV_WR_SEND, sizeof(goodbye), 0, 0);
	if (!await(&session->control, &wc, 20) || wc.status != IBV_WC_SUCCESS)
		die("the goodbye did not arrive");
	/* The node ends the connection when it has read that. */
	next_event(&session->control, STEP_MS);
	for (unsigned int i = 0; i < QUEUES; i++)
		close_link(&session->data[i]);
	close_link(&session->control);
}

static uint64_t page_address(const struct session *session, uint64_t page)
{
	return be64toh(session->welcome.address) + page * PAGE;
}

/* -- Tests */

static bool is_zero(const uint8_t *bytes)
{
	for (size_t i = 0; i < PAGE; i++)
		if (bytes[i])
			return false;
	return true;
}

/* All pages are zero; all pages keep what was written; the bounds hold. */
static bool test_memory(void)
{
	struct session s;
	uint32_t rkey;

	open_session(&s);
	rkey = be32toh(s.welcome.rkey);
	for (uint64_t page = 0; page < size / PAGE; page++) {
		memset(s.data[0].buffer, 0xff, PAGE);
		if (!transfer(&s.data[0], IBV_WR_RDMA_READ, page_address(&s, page), rkey))
			return result(false, "page %" PRIu64 " cannot be read", page);
		if (!is_zero(s.data[0].buffer))
			return result(false, "page %" PRIu64 " is not zero", page);
		memset(s.data[1].buffer, (int)(page % 255 + 1), PAGE);
		if (!transfer(&s.data[1], IBV_WR_RDMA_WRITE, page_address(&s, page), rkey))
			return result(false, "page %" PRIu64 " cannot be written", page);
	}
	for (uint64_t page = 0; page < size / PAGE; page++) {
		if (!transfer(&s.data[0], IBV_WR_RDMA_READ, page_address(&s, page), rkey) ||
		    s.data[0].buffer[0] != page % 255 + 1 ||
		    s.data[0].buffer[PAGE - 1] != page % 255 + 1)
			return result(false, "page %" PRIu64 " is not as it was written", page);
	}
	if (transfer(&s.data[0], IBV_WR_RDMA_READ, page_address(&s, size / PAGE), rkey))
		return result(false, "a page behind the end can be read");
	close_session(&s);
	return result(true, "%" PRIu64 " pages zero at first, then as written", size / PAGE);
}

/* Two clients: neither gets at the other's bytes with the other's key. */
static bool test_isolation(void)
{
	struct session mine, theirs;

	open_session(&theirs);
	memset(theirs.data[0].buffer, 0x77, PAGE);
	if (!transfer(&theirs.data[0], IBV_WR_RDMA_WRITE, page_address(&theirs, 0),
		      be32toh(theirs.welcome.rkey)))
		return result(false, "the victim cannot write");

	for (unsigned int i = 0; i < QUEUES; i++) {
		open_session(&mine);
		memset(mine.data[i].buffer, 0, PAGE);
		if (transfer(&mine.data[i], i ? IBV_WR_RDMA_WRITE : IBV_WR_RDMA_READ,
			     page_address(&theirs, 0), be32toh(theirs.welcome.rkey)))
			return result(false, "another client's key works");
		if (!is_zero(mine.data[i].buffer))
			return result(false, "another client's bytes arrived");
		close_session(&mine);
	}
	/* And the control connection is no way around. */
	open_session(&mine);
	if (transfer(&mine.control, IBV_WR_RDMA_READ, page_address(&theirs, 0),
		     be32toh(theirs.welcome.rkey)))
		return result(false, "another client's key works on the control connection");
	/* That is broken now. */
	drop_session(&mine);

	if (!transfer(&theirs.data[0], IBV_WR_RDMA_READ, page_address(&theirs, 0),
		      be32toh(theirs.welcome.rkey)) ||
	    theirs.data[0].buffer[0] != 0x77)
		return result(false, "the victim's bytes have changed");
	close_session(&theirs);
	return result(true, "another client's key is worth nothing");
}

/* A key and an address from before are worth nothing. */
static bool test_stale_key(void)
{
	struct session s;
	uint64_t old_address;
	uint32_t old_key;
	bool works = true;

	open_session(&s);
	old_address = page_address(&s, 0);
	old_key = be32toh(s.welcome.rkey);
	close_session(&s);
	/* The node's worker that gives the memory back may be slow. */
	for (int tries = 0; works && tries < STALE_TRIES; tries++) {
		open_session(&s);
		works = old_key != be32toh(s.welcome.rkey) &&
			transfer(&s.data[0], IBV_WR_RDMA_READ, old_address, old_key);
		close_session(&s);
	}
	return result(!works, works ? "the key of an ended session works" :
				      "the key of an ended session is worth nothing");
}

static bool refusal(uint64_t bytes, unsigned int queues, enum mage_wire_status wanted)
{
	struct session s = { 0 };
	enum mage_wire_status status = greet(&s, bytes, queues);
	bool told = s.welcome.message[0];
	bool good = status == wanted && told && !s.welcome.rkey;

	if (good && s.control.rep.magic)
		good = next_event(&s.control, STEP_MS) == RDMA_CM_EVENT_DISCONNECTED;
	result(good, "status %d: %s", status, s.welcome.message);
	close_link(&s.control);
	return good;
}

static bool test_bad_secret(void)
{
	secret = "certainly not the secret";
	return refusal(size, 1, MAGE_WIRE_BAD_SECRET);
}

/* The one of the command line, which was right once. */
static bool test_revoked_secret(void)
{
	return refusal(size, 1, MAGE_WIRE_BAD_SECRET);
}

static bool test_drained(void)
{
	return refusal(size, 1, MAGE_WIRE_STOPPING);
}

static bool test_full(void)
{
	return refusal(size, 1, MAGE_WIRE_FULL);
}

static bool test_too_large(void)
{
	return refusal(size, 1, MAGE_WIRE_TOO_LARGE);
}

static bool test_too_many(void)
{
	return refusal(size, 1, MAGE_WIRE_TOO_MANY);
}

static bool test_no_memory(void)
{
	return refusal(size, 1, MAGE_WIRE_NO_MEMORY);
}

static bool test_zero(void)
{
	return refusal(0, 1, MAGE_WIRE_BAD_SIZE);
}

static bool test_odd_size(void)
{
	return refusal(size + 1, 1, MAGE_WIRE_BAD_SIZE);
}

static bool test_no_queues(void)
{
	return refusal(size, 0, MAGE_WIRE_BAD_SIZE);
}

static bool rejection(struct link *link, enum mage_wire_status wanted)
{
	enum mage_wire_status status = be16toh(link->rej.status);

	return result(link->rej.magic == htobe32(MAGE_WIRE_MAGIC) && status == wanted &&
			      link->rej.message[0],
		      "status %d: %s", status, link->rej.message);
}

static bool test_garbage_request(void)
{
	uint8_t garbage[56];
	struct link link;

	memset(garbage, 0xa5, sizeof(garbage));
	open_link(&link, NULL);
	if (connect_raw(&link, garbage, sizeof(garbage)))
		return result(false, "garbage was accepted");
	return rejection(&link, MAGE_WIRE_GARBAGE);
}

static bool test_empty_request(void)
{
	struct link link;

	open_link(&link, NULL);
	if (connect_raw(&link, NULL, 0))
		return result(false, "nothing was accepted");
	return rejection(&link, MAGE_WIRE_GARBAGE);
}

static bool test_other_version(void)
{
	struct mage_wire_req req = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION + 1),
		.kind = htobe16(MAGE_WIRE_CONTROL),
	};
	struct link link;

	open_link(&link, NULL);
	if (connect_raw(&link, &req, sizeof(req)))
		return result(false, "another version was accepted");
	return rejection(&link, MAGE_WIRE_BAD_VERSION);
}

static bool test_garbage_hello(void)
{
	struct session s = { 0 };
	uint8_t garbage[300];

	memset(garbage, 0x5a, sizeof(garbage));
	open_link(&s.control, NULL);
	if (!connect_link(&s.control, MAGE_WIRE_CONTROL, 0, 0, NULL))
		return result(false, "rejected: %s", s.control.rej.message);
	if (!say(&s, garbage, sizeof(garbage)))
		return result(false, "no answer");
	return result(be16toh(s.welcome.status) == MAGE_WIRE_GARBAGE, "status %d: %s",
		      be16toh(s.welcome.status), s.welcome.message);
}

/* More than the node has room for: the connection ends. */
static bool test_huge_hello(void)
{
	struct session s = { 0 };
	uint8_t garbage[2000];

	memset(garbage, 0x5a, sizeof(garbage));
	open_link(&s.control, NULL);
	if (!connect_link(&s.control, MAGE_WIRE_CONTROL, 0, 0, NULL))
		return result(false, "rejected: %s", s.control.rej.message);
	if (say(&s, garbage, sizeof(garbage)))
		return result(false, "there was an answer");
	return result(true, "the node closed the connection");
}

/* Says nothing, and is dropped. */
static bool test_silence(void)
{
	struct link link;

	open_link(&link, NULL);
	if (!connect_link(&link, MAGE_WIRE_CONTROL, 0, 0, NULL))
		return result(false, "rejected: %s", link.rej.message);
	return result(next_event(&link, 2 * STEP_MS) == RDMA_CM_EVENT_DISCONNECTED,
		      "dropped for saying nothing");
}

static bool test_bad_token(void)
{
	struct session s;
	uint8_t token[MAGE_WIRE_TOKEN_LEN];
	struct link link;

	open_session(&s);
	memcpy(token, s.welcome.token, sizeof(token));
	token[sizeof(token) - 1] ^= 1;
	open_link(&link, NULL);
	if (connect_link(&link, MAGE_WIRE_DATA, 0, 0, token))
		return result(false, "a wrong token was accepted");
	if (be16toh(link.rej.status) != MAGE_WIRE_BAD_TOKEN)
		return rejection(&link, MAGE_WIRE_BAD_TOKEN);
	/* The right token, but the queue is there already, or was not announced. */
	for (unsigned int queue = QUEUES - 1; queue <= QUEUES; queue++) {
		open_link(&link, NULL);
		if (connect_link(&link, MAGE_WIRE_DATA, queue, 0, s.welcome.token))
			return result(false, "queue %u was accepted", queue);
		if (be16toh(link.rej.status) != MAGE_WIRE_BAD_TOKEN)
			return rejection(&link, MAGE_WIRE_BAD_TOKEN);
	}
	close_session(&s);
	return rejection(&link, MAGE_WIRE_BAD_TOKEN);
}

/* The last page, which holds what was written before the connection was lost. */
static bool keeps(struct session *s, uint8_t byte)
{
	memset(s->data[0].buffer, 0, PAGE);
	return transfer(&s->data[0], IBV_WR_RDMA_READ, page_address(s, size / PAGE - 1),
			be32toh(s->welcome.rkey)) &&
	       s->data[0].buffer[0] == byte && s->data[0].buffer[PAGE - 1] == byte;
}

static bool write_last_page(struct session *s, uint8_t byte)
{
	memset(s->data[1].buffer, byte, PAGE);
	return transfer(&s->data[1], IBV_WR_RDMA_WRITE, page_address(s, size / PAGE - 1),
			be32toh(s->welcome.rkey));
}

/* The connections end without a goodbye, several times; every byte is there again. */
static bool test_resume(void)
{
	struct session s, old;

	open_session(&s);
	for (uint32_t generation = 1; generation <= 5; generation += 2) {
		enum mage_wire_status status;

		if (!write_last_page(&s, (uint8_t)generation))
			return result(false, "the page cannot be written");
		drop_session(&s);
		old = s;
		status = take_over(&s, &old, generation);
		if (status != MAGE_WIRE_OK)
			return result(false, "status %d: %s", status, s.welcome.message);
		open_queues(&s);
		if (!keeps(&s, (uint8_t)generation))
			return result(false, "the page is not as it was written");
	}
	close_session(&s);
	return result(true, "resumed three times, every byte as it was");
}

/*
 * The node has not noticed that anything is over.  What the old queues send after
 * the welcome must not arrive.
 */
static bool test_fence(void)
{
	enum mage_wire_status status;
	struct session s, old;

	open_session(&old);
	if (!write_last_page(&old, 0x11))
		return result(false, "the page cannot be written");
	status = take_over(&s, &old, 1);
	if (status != MAGE_WIRE_OK)
		return result(false, "status %d: %s", status, s.welcome.message);
	open_queues(&s);
	if (!write_last_page(&s, 0x22))
		return result(false, "the page cannot be written on the new queue");
	if (write_last_page(&old, 0x33))
		return result(false, "a write on an old queue succeeded");
	if (!keeps(&s, 0x22))
		return result(false, "a write on an old queue arrived");
	drop_session(&old);
	if (!keeps(&s, 0x22))
		return result(false, "the end of the old connections was the session's");
	close_session(&s);
	return result(true, "nothing came through the old queues");
}

static bool take_over_fails(const struct session *old, uint32_t generation, const char *what,
			    enum mage_wire_status wanted)
{
	struct session thief;
	enum mage_wire_status status = take_over(&thief, old, generation);

	close_link(&thief.control);
	if (status != wanted || thief.welcome.rkey)
		return result(false, "%s: status %d", what, status);
	return true;
}

/* Who does not know the key, or comes again with what was said before, gets nothing. */
static bool test_thieves(void)
{
	struct session s, again, thief;

	open_session(&s);
	if (!write_last_page(&s, 0x44))
		return result(false, "the page cannot be written");

	thief = s;
	thief.key[0] ^= 1;
	if (!take_over_fails(&thief, 1, "wrong key", MAGE_WIRE_BAD_SECRET))
		return false;
	thief = s;
	thief.welcome.token[0] ^= 1;
	if (!take_over_fails(&thief, 1, "wrong token", MAGE_WIRE_BAD_TOKEN))
		return false;
	if (!take_over_fails(&s, 0, "generation 0", MAGE_WIRE_STALE))
		return false;
	/* Neither of them cost the client anything. */
	if (!keeps(&s, 0x44))
		return result(false, "a refused resume has an effect");

	if (take_over(&again, &s, 7) != MAGE_WIRE_OK)
		return result(false, "refused: %s", again.welcome.message);
	open_queues(&again);
	if (!take_over_fails(&s, 7, "generation 7 again", MAGE_WIRE_STALE))
		return false;
	/* A queue of an attempt that is over. */
	open_link(&thief.control, NULL);
	if (connect_link(&thief.control, MAGE_WIRE_DATA, 0, 6, s.welcome.token))
		return result(false, "a queue of an old generation was accepted");
	if (be16toh(thief.control.rej.status) != MAGE_WIRE_STALE)
		return rejection(&thief.control, MAGE_WIRE_STALE);
	if (!keeps(&again, 0x44))
		return result(false, "a refused resume has an effect");
	close_session(&again);
	drop_session(&s);
	/* Over is over. */
	if (!take_over_fails(&s, 8, "after the goodbye", MAGE_WIRE_BAD_TOKEN))
		return false;
	return result(true, "neither key, token, generation nor queue can be forged");
}

/* Goes without a goodbye. */
static bool test_vanish(void)
{
	struct session s;

	open_session(&s);
	drop_session(&s);
	return result(true, "gone");
}

/* Holds a session until there is nothing more to read, and ends it. */
static bool test_stay(void)
{
	struct session s;

	open_session(&s);
	while (getchar() != EOF)
		;
	close_session(&s);
	return result(true, "the session is over");
}

/* Holds a session until the node ends it. */
static bool test_hold(void)
{
	struct session s;

	open_session(&s);
	printf("holding\n");
	fflush(stdout);
	return result(next_event(&s.control, 120000) == RDMA_CM_EVENT_DISCONNECTED,
		      "the node ended the session");
}

static bool test_giant(void)
{
	return refusal(UINT64_MAX - PAGE + 1, 1, MAGE_WIRE_TOO_LARGE);
}

/* What another client said well, said again. */
static bool test_replay(void)
{
	struct session good, again = { 0 };

	open_session(&good);
	open_link(&again.control, NULL);
	if (!connect_link(&again.control, MAGE_WIRE_CONTROL, 0, 0, NULL))
		return result(false, "rejected: %s", again.control.rej.message);
	if (!say(&again, &good.hello, sizeof(good.hello)))
		return result(false, "no answer");
	close_session(&good);
	return result(be16toh(again.welcome.status) == MAGE_WIRE_BAD_SECRET && !again.welcome.rkey,
		      "status %d: %s", be16toh(again.welcome.status), again.welcome.message);
}

/* As many clients as the size says connect and say nothing, until this one is killed. */
static bool test_crowd(void)
{
	struct link *links = calloc(size, sizeof(*links));
	unsigned int in = 0;

	if (!links)
		die("calloc");
	for (uint64_t i = 0; i < size; i++) {
		open_link(&links[i], NULL);
		if (connect_link(&links[i], MAGE_WIRE_CONTROL, 0, 0, NULL))
			in++;
		else if (be16toh(links[i].rej.status) != MAGE_WIRE_TOO_MANY)
			return rejection(&links[i], MAGE_WIRE_TOO_MANY);
		else
			close_link(&links[i]);
	}
	printf("%u in, %" PRIu64 " refused\n", in, size - in);
	fflush(stdout);
	for (;;)
		pause();
}

/* As many clients as the size says connect and go again. */
static bool test_break_off(void)
{
	struct link link;

	for (uint64_t i = 0; i < size; i++) {
		open_link(&link, NULL);
		if (!connect_link(&link, MAGE_WIRE_CONTROL, 0, 0, NULL))
			return result(false, "rejected: %s", link.rej.message);
		close_link(&link);
	}
	return result(true, "%" PRIu64 " clients came and went", size);
}

static const struct test {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "memory", test_memory },
	{ "isolation", test_isolation },
	{ "stale-key", test_stale_key },
	{ "bad-secret", test_bad_secret },
	{ "revoked-secret", test_revoked_secret },
	{ "drained", test_drained },
	{ "full", test_full },
	{ "too-large", test_too_large },
	{ "too-many", test_too_many },
	{ "no-memory", test_no_memory },
	{ "zero", test_zero },
	{ "odd-size", test_odd_size },
	{ "no-queues", test_no_queues },
	{ "garbage-request", test_garbage_request },
	{ "empty-request", test_empty_request },
	{ "other-version", test_other_version },
	{ "garbage-hello", test_garbage_hello },
	{ "huge-hello", test_huge_hello },
	{ "silence", test_silence },
	{ "bad-token", test_bad_token },
	{ "resume", test_resume },
	{ "fence", test_fence },
	{ "thieves", test_thieves },
	{ "vanish", test_vanish },
	{ "hold", test_hold },
	{ "stay", test_stay },
	{ "giant", test_giant },
	{ "replay", test_replay },
	{ "crowd", test_crowd },
	{ "break-off", test_break_off },
};

int main(int argc, char **argv)
{
	if (argc < 5 || argc > 6) {
		fprintf(stderr, "usage: memnode_client ADDRESS PORT SECRET TEST [SIZE]\n");
		return 2;
	}
	address = argv[1];
	port = argv[2];
	secret = argv[3];
	if (argc == 6)
		size = strtoull(argv[5], NULL, 10);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!strcmp(argv[4], tests[i].name))
			return tests[i].run() ? 0 : 1;
	fprintf(stderr, "memnode_client: no test \"%s\"\n", argv[4]);
	return 2;
}
