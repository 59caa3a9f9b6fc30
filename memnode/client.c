// SPDX-License-Identifier: GPL-2.0-only
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "log.h"
#include "server.h"
#include "size.h"

#define REFUSAL_SECONDS 3
#define PROBE_SECONDS 5

/* Work request identifiers on the control connection. */
enum {
	WR_RECEIVE = 1,
	WR_ANSWER = 2,
	WR_PROBE = 3,
};

const char *client_state_name(enum client_state state)
{
	switch (state) {
	case CLIENT_PENDING:
		return "pending";
	case CLIENT_PREPARING:
		return "preparing";
	case CLIENT_SERVING:
		return "serving";
	case CLIENT_SUSPENDED:
		return "suspended";
	case CLIENT_REFUSED:
		return "refused";
	case CLIENT_CLOSING:
		return "closing";
	}
	return "unknown";
}

unsigned int client_nr_queues(const struct client *client)
{
	unsigned int nr = 0;

	for (const struct conn *conn = client->data; conn; conn = conn->next)
		nr++;
	return nr;
}

/* Ends all connections of the client, which may go on without. */
static void close_connections(struct client *client);

/*
 * The connection to the client was lost: it is suspended, or it ends, if it has
 * no session.  It may be gone when this returns.
 */
static void client_lost(struct client *client, const char *why);

/* Accepting reads as deep as the client asks, as far as the device goes. */
static int accept_conn(struct rdma_cm_id *id, const struct rdma_conn_param *asked,
		       const uint8_t *nonce)
{
	struct ibv_device_attr device;
	struct mage_wire_rep rep;
	struct rdma_conn_param param = {
		.private_data = &rep,
		.private_data_len = sizeof(rep),
		.responder_resources = asked->responder_resources,
		.initiator_depth = asked->initiator_depth,
		.rnr_retry_count = 7,
	};

	if (ibv_query_device(id->verbs, &device))
		return -1;
	if (param.responder_resources > device.max_qp_rd_atom)
		param.responder_resources = (uint8_t)device.max_qp_rd_atom;
	if (param.initiator_depth > device.max_qp_init_rd_atom)
		param.initiator_depth = (uint8_t)device.max_qp_init_rd_atom;

	protocol_make_reply(&rep, nonce);
	return rdma_accept(id, &param);
}

/*
 * Destroys the connection.  The peer hears of it, except when accepting failed:
 * then id stays, for a reject.
 */
static void conn_destroy(struct conn *conn, bool keep_id)
{
	if (!conn->id)
		return;
	if (!keep_id)
		rdma_disconnect(conn->id);
	if (conn->id->qp)
		rdma_destroy_qp(conn->id);
	conn->id->context = NULL;
	if (!keep_id)
		rdma_destroy_id(conn->id);
	conn->id = NULL;
}

static void free_control(struct client *client, bool keep_id)
{
	conn_destroy(&client->control, keep_id);
	if (client->mr)
		ibv_dereg_mr(client->mr);
	client->mr = NULL;
	if (client->control_pd)
		ibv_dealloc_pd(client->control_pd);
	client->control_pd = NULL;
	free(client->buffers);
	client->buffers = NULL;
	if (client->cq)
		ibv_destroy_cq(client->cq);
	client->cq = NULL;
	if (client->data_cq)
		ibv_destroy_cq(client->data_cq);
	client->data_cq = NULL;
	if (client->channel)
		ibv_destroy_comp_channel(client->channel);
	client->channel = NULL;
}

static void enlist(struct client *client)
{
	struct server *server = client->server;

	client->id = ++server->last_id;
	client->next = server->clients;
	server->clients = client;
}

static void delist(struct client *client)
{
	struct client **link = &client->server->clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
}

static void client_free(struct client *client)
{
	if (client->pd)
		ibv_dealloc_pd(client->pd);
	if (client->source)
		admission_leave(&client->server->admission, client->source, false);
	if (client->charge) {
		ledger_release(&client->server->ledger, client->charge);
		keyring_give_back(&client->server->keyring, client->key, client->charge);
	}
	delist(client);
	explicit_bzero(client, sizeof(*client));
	free(client);
}

static int post_receive(struct client *client)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)client->buffers->received,
		.length = sizeof(client->buffers->received),
		.lkey = client->mr->lkey,
	};
	struct ibv_recv_wr wr = {
		.wr_id = WR_RECEIVE,
		.sg_list = &sge,
		.num_sge = 1,
	};
	struct ibv_recv_wr *bad;

	return ibv_post_recv(client->control.id->qp, &wr, &bad);
}

static int post_answer(struct client *client)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)&client->buffers->welcome,
		.length = sizeof(client->buffers->welcome),
		.lkey = client->mr->lkey,
	};
	struct ibv_send_wr wr = {
		.wr_id = WR_ANSWER,
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED,
	};
	struct ibv_send_wr *bad;

	return ibv_post_send(client->control.id->qp, &wr, &bad);
}

/* A write of nothing needs no key, and fails when nobody is there. */
static int post_probe(struct client *client)
{
	struct ibv_send_wr wr = {
		.wr_id = WR_PROBE,
		.opcode = IBV_WR_RDMA_WRITE,
		.send_flags = IBV_SEND_SIGNALED,
	};
	struct ibv_send_wr *bad;

	return ibv_post_send(client->control.id->qp, &wr, &bad);
}

static int set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static int create_qp(struct ibv_pd *pd, struct rdma_cm_id *id, struct ibv_cq *cq, uint32_t sends,
		     uint32_t receives)
{
	struct ibv_qp_init_attr attr = {
		.send_cq = cq,
		.recv_cq = cq,
		.cap = {
			.max_send_wr = sends,
			.max_recv_wr = receives,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.qp_type = IBV_QPT_RC,
	};

	return rdma_create_qp(id, pd, &attr);
}

static int create_control(struct client *client)
{
	struct rdma_cm_id *id = client->control.id;

	client->pd = ibv_alloc_pd(id->verbs);
	client->control_pd = ibv_alloc_pd(id->verbs);
	if (!client->pd || !client->control_pd)
		return -1;
	client->channel = ibv_create_comp_channel(id->verbs);
	if (!client->channel || set_nonblocking(client->channel->fd))
		return -1;
	client->cq = ibv_create_cq(id->verbs, 8, NULL, client->channel, 0);
	if (!client->cq || ibv_req_notify_cq(client->cq, 0))
		return -1;
	client->data_cq = ibv_create_cq(id->verbs, 8, NULL, NULL, 0);
	if (!client->data_cq)
		return -1;
	client->buffers = calloc(1, sizeof(*client->buffers));
	if (!client->buffers)
		return -1;
	client->mr = ibv_reg_mr(client->control_pd, client->buffers, sizeof(*client->buffers),
				IBV_ACCESS_LOCAL_WRITE);
	if (!client->mr)
		return -1;

	if (create_qp(client->control_pd, id, client->cq, 4, 2))
		return -1;
	if (post_receive(client))
		return -1;
	return server_watch(client->server, client->channel->fd, WATCH_CLIENTS + client->id);
}

bool client_accept(struct server *server, struct rdma_cm_id *id, struct source *source,
		   const struct rdma_conn_param *param, struct verdict *verdict)
{
	struct client *client;
	int error;

	client = calloc(1, sizeof(*client));
	if (!client)
		return refuse(verdict, MAGE_WIRE_NO_MEMORY, "no memory on the node");
	client->server = server;
	client->since = server_now();
	client->deadline = client->since + server->options->handshake_timeout;
	client->control = (struct conn){
		.client = client,
		.id = id,
		.kind = MAGE_WIRE_CONTROL,
	};
	address_of_peer(id, client->address);
	enlist(client);

	if (getrandom(client->nonce, sizeof(client->nonce), 0) != sizeof(client->nonce) ||
	    getrandom(client->token, sizeof(client->token), 0) != sizeof(client->token) ||
	    create_control(client) || accept_conn(id, param, client->nonce)) {
		error = errno;
		log_line("client %s: making its connection failed: %s", client->address,
			 strerror(error));
		free_control(client, true);
		client_free(client);
		return refuse(verdict, MAGE_WIRE_NO_MEMORY,
			      "the node cannot make a connection (%s)", strerror(error));
	}

	client->source = source;
	id->context = &client->control;
	return true;
}

/* Ends a client that has not said hello, and counts why. */
static void close_pending(struct client *client, enum refusal cause, const char *why)
{
	server_refused(client->server, client->source, cause);
	client->state = CLIENT_REFUSED;
	client_close(client, why);
}

void client_displace(struct server *server, const struct source *source)
{
	struct client *oldest = NULL;

	/* The list begins with the newest. */
	for (struct client *client = server->clients; client; client = client->next)
		if (client->source == source)
			oldest = client;
	/* One that was refused is counted already. */
	if (oldest && oldest->state == CLIENT_PENDING)
		close_pending(oldest, REFUSAL_DISPLACED,
			      "its place goes to a client from elsewhere");
	else if (oldest)
		client_close(oldest, NULL);
}

/* It is one of those that know a key: no longer one of the few of its source. */
static void client_proved(struct client *client)
{
	admission_leave(&client->server->admission, client->source, true);
	client->source = NULL;
}

static bool has_session(const struct client *client)
{
	return client->state == CLIENT_SERVING || client->state == CLIENT_SUSPENDED;
}

/* Looks at all clients, so that the time does not tell about tokens. */
static struct client *find_by_token(struct server *server, const uint8_t *token)
{
	struct client *client, *found = NULL;

	for (client = server->clients; client; client = client->next)
		if (token_equal(client->token, token) && has_session(client))
			found = client;
	return found;
}

/* The session to take over; NULL with a refusal in *verdict. */
static struct client *find_to_resume(struct server *server, const uint8_t *token,
				     const struct rdma_cm_id *id, struct verdict *verdict)
{
	struct client *client = find_by_token(server, token);

	if (!client)
		refuse(verdict, MAGE_WIRE_BAD_TOKEN, "the session is over, its memory was freed");
	else if (!client->region.mr || id->verbs == client->pd->context)
		return client;
	else
		refuse(verdict, MAGE_WIRE_ELSEWHERE,
		       "the session is on another RDMA device of the node");
	return NULL;
}

/* One attempt at a time: whoever makes another one has given up the first. */
static void close_other_attempts(struct server *server, const uint8_t *token)
{
	struct client *client, *next;

	for (client = server->clients; client; client = next) {
		next = client->next;
		if (client->takes_over && client->state == CLIENT_PENDING &&
		    token_equal(client->token, token))
			client_close(client, "it tries to resume once more");
	}
}

bool client_accept_resume(struct server *server, struct rdma_cm_id *id,
			  const struct request *request, const struct rdma_conn_param *param,
			  struct verdict *verdict)
{
	struct client *client;

	if (!find_to_resume(server, request->token, id, verdict))
		return false;
	close_other_attempts(server, request->token);
	if (!client_accept(server, id, NULL, param, verdict))
		return false;

	client = ((struct conn *)id->context)->client;
	client->takes_over = true;
	memcpy(client->token, request->token, sizeof(client->token));
	return true;
}

static bool queue_is_free(const struct client *client, unsigned int queue)
{
	if (queue >= client->hello.nr_queues)
		return false;
	for (const struct conn *conn = client->data; conn; conn = conn->next)
		if (conn->queue == queue)
			return false;
	return true;
}

bool client_join(struct server *server, struct rdma_cm_id *id, const struct request *request,
		 const struct rdma_conn_param *param, struct verdict *verdict)
{
	struct client *client = find_by_token(server, request->token);
	struct conn *conn;
	int error;

	if (!client || client->state != CLIENT_SERVING)
		return refuse(verdict, MAGE_WIRE_BAD_TOKEN, "there is no such session");
	if (request->generation != client->generation)
		return refuse(verdict, MAGE_WIRE_STALE, "the session has been resumed since");
	if (!queue_is_free(client, request->queue))
		return refuse(verdict, MAGE_WIRE_BAD_TOKEN, "queue %u is not to be had",
			      request->queue);
	if (id->verbs != client->pd->context)
		return refuse(verdict, MAGE_WIRE_BAD_TOKEN,
			      "the session is on another RDMA device of the node");

	conn = calloc(1, sizeof(*conn));
	if (!conn)
		return refuse(verdict, MAGE_WIRE_NO_MEMORY, "no memory on the node");
	*conn = (struct conn){
		.client = client,
		.id = id,
		.kind = MAGE_WIRE_DATA,
		.queue = request->queue,
	};

	if (create_qp(client->pd, id, client->data_cq, 1, 1) || accept_conn(id, param, NULL)) {
		error = errno;
		log_line("client %" PRIu64 " (%s): making queue %u failed: %s", client->id,
			 client->address, request->queue, strerror(error));
		conn_destroy(conn, true);
		free(conn);
		return refuse(verdict, MAGE_WIRE_NO_MEMORY, "the node cannot make a queue (%s)",
			      strerror(error));
	}

	id->context = conn;
	conn->next = client->data;
	client->data = conn;
	return true;
}

/* False when the client is gone. */
static bool client_refuse(struct client *client, const struct verdict *verdict)
{
	log_line("client %s refused: %s", client->address, verdict->message);
	server_refused(client->server, client->source, verdict->cause);
	client->state = CLIENT_REFUSED;
	client->deadline = server_now() + REFUSAL_SECONDS;
	protocol_make_refusal(&client->buffers->welcome, verdict);
	if (post_answer(client)) {
		client_close(client, "sending the refusal failed");
		return false;
	}
	return true;
}

/* So that it outlives the daemon.  Where that cannot be, it is served all the same. */
static void keep(struct client *client)
{
	struct record record = {
		.size = client->hello.size,
		.charge = client->charge,
		.since = (uint64_t)client->since,
		.nr_queues = client->hello.nr_queues,
		.key_len = (uint32_t)client->session_key.len,
	};

	memcpy(record.session_key, client->session_key.bytes, client->session_key.len);
	memcpy(record.token, client->token, sizeof(record.token));
	memcpy(record.key, client->key->name, sizeof(record.key));
	memcpy(record.address, client->address, sizeof(record.address));
	snprintf(record.device, sizeof(record.device), "%s",
		 ibv_get_device_name(client->pd->context->device));
	if (kept_put(&client->kept, &record, client->region.fd))
		log_line("client %" PRIu64 " (%s): its memory will not outlive the daemon: %s",
			 client->id, client->address, strerror(errno));
	explicit_bzero(&record, sizeof(record));
}

static int make_session(struct client *client)
{
	const struct options *options = client->server->options;

	if (!protocol_session_key(&client->session_key, &client->secret, &client->hello,
				  client->nonce, client->token)) {
		snprintf(client->worker_error, sizeof(client->worker_error),
			 "the node cannot compute HMAC-SHA256");
		return -1;
	}
	if (region_create(&client->region, client->pd, client->hello.size, client->charge,
			  options->hugepages, options->keep, &client->cancel, client->worker_error,
			  sizeof(client->worker_error)))
		return -1;
	if (options->keep)
		keep(client);
	return 0;
}

static void *prepare(void *argument)
{
	struct client *client = argument;

	client->worker_result = make_session(client);
	server_report(client->server, client);
	return NULL;
}

/* In this order: nobody takes over a session whose memory was zeroed. */
static void give_back(struct client *client)
{
	kept_forget(&client->kept);
	region_destroy(&client->region);
}

static void *release(void *argument)
{
	struct client *client = argument;

	give_back(client);
	server_report(client->server, client);
	return NULL;
}

static int start_worker(struct client *client, void *(*work)(void *))
{
	int error = pthread_create(&client->worker, NULL, work, client);

	client->working = !error;
	return error;
}

/* Charges ledger and key, or neither. */
static bool client_charge(struct client *client, struct key *key, struct verdict *verdict)
{
	struct ledger *ledger = &client->server->ledger;
	uint64_t charge;

	if (!ledger_reserve(ledger, client->hello.size, &charge, verdict))
		return false;
	if (!key_take(key, charge, client->hello.nr_queues, verdict)) {
		ledger_release(ledger, charge);
		return false;
	}
	client->charge = charge;
	client->key = key;
	client->secret = key->settings.secret;
	return true;
}

/* False when the client is gone. */
static bool client_hello(struct client *client, size_t len)
{
	struct verdict verdict;
	struct key *key;

	key = keyring_check_hello(&client->server->keyring, client->buffers->received, len,
				  client->nonce, &client->hello, &verdict);
	if (!key)
		return client_refuse(client, &verdict);
	client_proved(client);
	/* It connected before that began. */
	if (client->server->draining) {
		refuse_drained(&verdict);
		return client_refuse(client, &verdict);
	}
	if (!client_charge(client, key, &verdict))
		return client_refuse(client, &verdict);

	client->state = CLIENT_PREPARING;
	if (start_worker(client, prepare)) {
		refuse(&verdict, MAGE_WIRE_NO_MEMORY, "no thread to be had on the node");
		return client_refuse(client, &verdict);
	}
	return true;
}

/*
 * Answers a hello, or a resume, with key being the secret or the session's key.
 * False when the client is gone, or suspended.
 */
static bool client_welcome(struct client *client, const struct secret *key)
{
	struct grant grant = {
		.size = client->hello.size,
		.address = (uintptr_t)client->region.base,
		.rkey = client->region.mr->rkey,
	};

	memcpy(grant.token, client->token, sizeof(grant.token));
	client->state = CLIENT_SERVING;
	client->deadline = server_now() + PROBE_SECONDS;
	if (!protocol_make_welcome(&client->buffers->welcome, &grant, key, &client->hello,
				   client->nonce)) {
		client_lost(client, "HMAC-SHA256 failed");
		return false;
	}
	/* For the goodbye. */
	if (post_receive(client) || post_answer(client)) {
		client_lost(client, "sending the welcome failed");
		return false;
	}
	return true;
}

static void client_prepared(struct client *client)
{
	char size[SIZE_TEXT_LEN];
	struct verdict verdict;

	if (client->worker_result) {
		refuse(&verdict, MAGE_WIRE_NO_MEMORY, "%s", client->worker_error);
		client_refuse(client, &verdict);
		return;
	}
	client->server->served++;
	log_line("client %" PRIu64 " (%s): lends %s, %u queues", client->id, client->address,
		 size_format(client->hello.size, size), client->hello.nr_queues);
	client_welcome(client, &client->secret);
}

/* Old takes nothing with it but what it is called. */
static void client_adopt(struct client *client, struct client *old, const struct resume *resume)
{
	/*
	 * The fence: nothing that was sent on these arrives in the memory once
	 * they are destroyed, and only then does the client hear that it may go on.
	 */
	close_connections(old);

	/* One that was restored may have been on no device yet. */
	if (old->pd) {
		ibv_dealloc_pd(client->pd);
		client->pd = old->pd;
	}
	client->region = old->region;
	client->kept = old->kept;
	client->charge = old->charge;
	client->key = old->key;
	client->secret = old->secret;
	client->session_key = old->session_key;
	client->since = old->since;
	client->resumes = old->resumes + 1;
	client->generation = resume->generation;
	client->hello.size = old->hello.size;
	client->hello.nr_queues = resume->nr_queues;
	memcpy(client->hello.nonce, resume->nonce, sizeof(client->hello.nonce));
	client->takes_over = false;
	kept_update(&client->kept, client->generation, client->hello.nr_queues, client->resumes,
		    ibv_get_device_name(client->pd->context->device));

	old->pd = NULL;
	old->charge = 0;
	client_free(old);
}

/* False when the client is gone, or suspended. */
static bool client_resume(struct client *client, size_t len)
{
	struct server *server = client->server;
	struct verdict verdict;
	struct resume resume;
	struct client *old;
	char error[128];

	old = find_to_resume(server, client->token, client->control.id, &verdict);
	if (!old || !protocol_parse_resume(client->buffers->received, len, &old->session_key,
					   client->nonce, client->token, &resume, &verdict))
		return client_refuse(client, &verdict);
	if (resume.generation <= old->generation) {
		refuse(&verdict, MAGE_WIRE_STALE, "the session was resumed %u times already",
		       old->generation);
		return client_refuse(client, &verdict);
	}
	if (old->key && !key_allows_queues(old->key, resume.nr_queues, &verdict))
		return client_refuse(client, &verdict);
	if (!old->region.mr &&
	    region_register(&old->region, client->pd, old->hello.size, error, sizeof(error))) {
		refuse(&verdict, MAGE_WIRE_NO_MEMORY, "%s", error);
		return client_refuse(client, &verdict);
	}

	log_line("client %" PRIu64 " (%s): comes back as client %" PRIu64 " (%s)", old->id,
		 old->address, client->id, client->address);
	server->resumed++;
	client_adopt(client, old, &resume);
	return client_welcome(client, &client->session_key);
}

/* False when the client is gone. */
static bool client_goodbye(struct client *client, size_t len)
{
	struct verdict verdict;

	if (protocol_parse_goodbye(client->buffers->received, len, &verdict))
		client_close(client, "it said goodbye");
	else
		client_lost(client, verdict.message);
	return false;
}

static bool client_message(struct client *client, size_t len)
{
	if (client->state == CLIENT_SERVING)
		return client_goodbye(client, len);
	return client->takes_over ? client_resume(client, len) : client_hello(client, len);
}

void client_worker_done(struct client *client)
{
	pthread_join(client->worker, NULL);
	client->working = false;

	if (client->state == CLIENT_PREPARING) {
		client_prepared(client);
		return;
	}

	/* It was closed meanwhile: give back what prepare() made of it. */
	if (client->region.base) {
		if (!start_worker(client, release))
			return;
		give_back(client);
	}
	client_free(client);
}

/* False when the client is gone. */
static bool handle_completion(struct client *client, const struct ibv_wc *wc)
{
	char why[128];

	if (wc->status != IBV_WC_SUCCESS) {
		snprintf(why, sizeof(why), "%s: %s",
			 client->state == CLIENT_PENDING ? "its message did not arrive" :
							   "it does not answer any more",
			 ibv_wc_status_str(wc->status));
		client_lost(client, why);
		return false;
	}

	switch (wc->wr_id) {
	case WR_RECEIVE:
		return client_message(client, wc->byte_len);
	case WR_ANSWER:
		if (client->state != CLIENT_REFUSED)
			return true;
		client_close(client, NULL);
		return false;
	default:
		client->probing = false;
		return true;
	}
}

/* False when the client is gone, or suspended. */
static bool reap(struct client *client)
{
	struct ibv_wc wc;

	while (ibv_poll_cq(client->cq, 1, &wc) > 0)
		if (!handle_completion(client, &wc))
			return false;
	return true;
}

void client_completion(struct client *client)
{
	struct ibv_cq *cq;
	void *context;

	if (!client->cq)
		return;
	if (!ibv_get_cq_event(client->channel, &cq, &context)) {
		ibv_ack_cq_events(cq, 1);
		if (ibv_req_notify_cq(cq, 0)) {
			client_lost(client, "its completion queue failed");
			return;
		}
	}
	reap(client);
}

void client_tick(struct client *client, time_t now)
{
	switch (client->state) {
	case CLIENT_PENDING:
		if (now >= client->deadline)
			close_pending(client, REFUSAL_SILENT, "it did not say hello in time");
		return;
	case CLIENT_REFUSED:
		if (now >= client->deadline)
			client_close(client, NULL);
		return;
	case CLIENT_PREPARING:
	case CLIENT_SERVING:
		if (client->probing || now < client->deadline)
			return;
		client->deadline = now + PROBE_SECONDS;
		client->probing = true;
		if (post_probe(client))
			client_lost(client, "its connection is broken");
		return;
	case CLIENT_SUSPENDED:
		if (now >= client->deadline)
			client_close(client, "it did not come back");
		return;
	case CLIENT_CLOSING:
		return;
	}
}

static void remove_data(struct client *client, struct conn *gone)
{
	struct conn **link = &client->data;

	while (*link != gone)
		link = &(*link)->next;
	*link = gone->next;
	conn_destroy(gone, false);
	free(gone);
}

void client_conn_lost(struct conn *conn, const char *why)
{
	struct client *client = conn->client;

	if (conn->kind == MAGE_WIRE_DATA)
		remove_data(client, conn);
	/* The goodbye that came before may not have been looked at. */
	else if (reap(client))
		client_lost(client, why);
}

static void close_connections(struct client *client)
{
	while (client->data)
		remove_data(client, client->data);
	free_control(client, false);
}

/* Seconds; 0 for no time at all. */
static uint64_t grace_of(const struct client *client)
{
	const struct key *key = client->key;

	return key && key->settings.grace ? key->settings.grace : client->server->options->grace;
}

void client_begin_grace(struct client *client)
{
	client->deadline = server_now() + (time_t)grace_of(client);
}

static void client_lost(struct client *client, const char *why)
{
	uint64_t grace = grace_of(client);

	if (client->state != CLIENT_SERVING || !grace || client->server->stopping) {
		client_close(client, why);
		return;
	}
	log_line("client %" PRIu64 " (%s): suspended: %s; its memory is kept for %" PRIu64 " s",
		 client->id, client->address, why, grace);
	close_connections(client);
	client->probing = false;
	client->state = CLIENT_SUSPENDED;
	client_begin_grace(client);
	client->server->suspended++;
}

void client_close(struct client *client, const char *why)
{
	if (client->state == CLIENT_CLOSING)
		return;
	if (client->state == CLIENT_PENDING && !client->server->stopping)
		server_refused(client->server, client->source, REFUSAL_BROKEN_OFF);
	if (why)
		log_line("client %" PRIu64 " (%s): closed: %s", client->id, client->address, why);

	client->state = CLIENT_CLOSING;
	atomic_store(&client->cancel, true);
	close_connections(client);

	if (client->working)
		return;
	if (client->region.base && !start_worker(client, release))
		return;
	if (client->region.base)
		give_back(client);
	client_free(client);
}

bool client_let_go(struct client *client)
{
	if (!has_session(client) || !client->kept.record)
		return false;
	log_line("client %" PRIu64 " (%s): left to the daemon that comes after", client->id,
		 client->address);
	close_connections(client);
	region_let_go(&client->region);
	kept_let_go(&client->kept);
	client_free(client);
	return true;
}

/* Registers the memory at once, so that its client does not have to wait for it. */
static void put_on_device(struct client *client, struct ibv_context *device)
{
	char error[128];

	client->pd = device ? ibv_alloc_pd(device) : NULL;
	if (!client->pd) {
		log_line("client %" PRIu64 " (%s): RDMA device %s is not there yet", client->id,
			 client->address, client->kept.record->device);
		return;
	}
	if (!region_register(&client->region, client->pd, client->hello.size, error, sizeof(error)))
		return;
	log_line("client %" PRIu64 " (%s): %s; it will be tried again", client->id, client->address,
		 error);
	ibv_dealloc_pd(client->pd);
	client->pd = NULL;
}

bool client_restore(struct server *server, const struct kept *kept, int memory,
		    struct ibv_context *device, char *error, size_t error_len)
{
	const struct record *record = kept->record;
	char size[SIZE_TEXT_LEN];
	struct client *client;

	client = calloc(1, sizeof(*client));
	if (!client) {
		snprintf(error, error_len, "no memory");
		return false;
	}
	client->server = server;
	client->state = CLIENT_SUSPENDED;
	client->since = (time_t)record->since;
	client->resumes = record->resumes;
	client->generation = record->generation;
	client->hello.size = record->size;
	client->hello.nr_queues = record->nr_queues;
	client->session_key.len = record->key_len;
	memcpy(client->session_key.bytes, record->session_key, record->key_len);
	memcpy(client->token, record->token, sizeof(client->token));
	memcpy(client->address, record->address, sizeof(client->address));
	client->key = keyring_restore(&server->keyring, record->key, record->charge);
	if (!client->key) {
		snprintf(error, error_len, "no memory");
		free(client);
		return false;
	}
	if (region_open(&client->region, memory, record->charge, error, error_len)) {
		keyring_give_back(&server->keyring, client->key, record->charge);
		explicit_bzero(client, sizeof(*client));
		free(client);
		return false;
	}
	ledger_restore(&server->ledger, record->charge);
	client->charge = record->charge;
	client->kept = *kept;
	enlist(client);
	put_on_device(client, device);

	server->restored++;
	log_line("client %" PRIu64 " (%s): was left by the daemon before: %s, kept for %" PRIu64
		 " s",
		 client->id, client->address, size_format(record->size, size), grace_of(client));
	return true;
}
