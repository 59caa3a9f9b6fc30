/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client: its control connection, its memory, its data connections.
 *
 *   PENDING    connected, has not said hello yet
 *   PREPARING  a thread locks and registers its memory
 *   SERVING    it was welcomed
 *   SUSPENDED  its connections are gone; its memory waits for it to come back
 *   REFUSED    the refusal is on its way
 *   CLOSING    its connections are gone; a thread may be zeroing its memory
 */
#ifndef MEMNODE_CLIENT_H
#define MEMNODE_CLIENT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

#include "address.h"
#include "kept.h"
#include "key.h"
#include "protocol.h"
#include "region.h"

/* Longer than a hello, so that garbage of most sizes gets an answer. */
#define CLIENT_RECEIVE_LEN 512

enum client_state {
	CLIENT_PENDING,
	CLIENT_PREPARING,
	CLIENT_SERVING,
	CLIENT_SUSPENDED,
	CLIENT_REFUSED,
	CLIENT_CLOSING,
};

struct client;
struct server;
struct source;

/* What an rdma_cm_id's context points to. */
struct conn {
	struct client *client;
	struct rdma_cm_id *id;
	enum mage_wire_kind kind;
	unsigned int queue; /* data */
	struct conn *next; /* data: the client's next one */
};

/* What the device reads and writes on the control connection. */
struct client_buffers {
	uint8_t received[CLIENT_RECEIVE_LEN];
	struct mage_wire_welcome welcome;
};

struct client {
	struct server *server;
	struct client *next;
	uint64_t id;  /* never used twice */
	char address[ADDRESS_LEN];
	enum client_state state;
	time_t since;  /* monotonic seconds: when it came */
	time_t deadline; /* PENDING, REFUSED, SUSPENDED: closed then */
	struct source *source; /* NULL once it has proved a key */

	struct conn control;
	struct conn *data;
	struct ibv_pd *control_pd; /* of the control connection alone */
	struct ibv_pd *pd; /* of its memory and the data connections */
	struct ibv_comp_channel *channel;
	struct ibv_cq *cq; /* of the control connection */
	struct ibv_cq *data_cq; /* never has an entry but errors */
	struct ibv_mr *mr; /* over buffers */
	struct client_buffers *buffers;
	bool probing;  /* a probe is on its way */

	uint8_t nonce[MAGE_WIRE_NONCE_LEN];
	uint8_t token[MAGE_WIRE_TOKEN_LEN];
	bool takes_over; /* PENDING: the session that token names is another client's */
	struct secret session_key; /* the session's, once it was welcomed */
	uint32_t generation; /* of the last welcome */
	uint64_t resumes; /* times that it came back */
	struct hello hello;
	struct key *key; /* that it has a session of; NULL for none */
	struct secret secret; /* as it was in the hello: the file may change */
	uint64_t charge; /* what ledger and key were charged; 0 for nothing */
	struct region region;
	struct kept kept; /* the session, if it is to outlive the daemon */

	bool working;  /* worker runs, and alone touches region and kept */
	pthread_t worker;
	atomic_bool cancel;
	int worker_result;
	char worker_error[MAGE_WIRE_MESSAGE_LEN];
};

/*
 * Takes over id on success, and the place that the source has for it; false
 * with a refusal in *verdict.
 */
bool client_accept(struct server *server, struct rdma_cm_id *id, struct source *source,
		   const struct rdma_conn_param *param, struct verdict *verdict);
/* The same for a client that wants to take over a session, which has to be there. */
bool client_accept_resume(struct server *server, struct rdma_cm_id *id,
			  const struct request *request, const struct rdma_conn_param *param,
			  struct verdict *verdict);
bool client_join(struct server *server, struct rdma_cm_id *id, const struct request *request,
		 const struct rdma_conn_param *param, struct verdict *verdict);

/*
 * A client of the daemon before this one: owns kept and the file with its memory,
 * and is suspended; client_begin_grace() has to follow.  device is that of its connections, NULL if
 * it is not there. False with a sentence in error, and kept and file are as they were.
 */
bool client_restore(struct server *server, const struct kept *kept, int memory,
		    struct ibv_context *device, char *error, size_t error_len);

/* From now on it has as long as its key allows to come back. */
void client_begin_grace(struct client *client);

/* Closes the oldest client of the source that has not proved a key. */
void client_displace(struct server *server, const struct source *source);

/* Something happened to the client. */
void client_completion(struct client *client);
void client_worker_done(struct client *client);
void client_tick(struct client *client, time_t now);
void client_conn_lost(struct conn *conn, const char *why);

/* Ends the client and its session; it may be gone when this returns. */
void client_close(struct client *client, const char *why);

/* The same, but its session is left to the daemon that comes after; false if it is not kept. */
bool client_let_go(struct client *client);

const char *client_state_name(enum client_state state);
unsigned int client_nr_queues(const struct client *client);

#endif
