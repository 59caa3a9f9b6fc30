/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop, and what all clients share.
 */
#ifndef MEMNODE_SERVER_H
#define MEMNODE_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <rdma/rdma_cma.h>

#include "client.h"
#include "counters.h"
#include "ledger.h"
#include "options.h"
#include "secret.h"

struct server {
	const struct options *options;
	struct secret secret;
	struct ledger ledger;
	struct client *clients;
	uint64_t last_id;
	uint64_t served; /* clients that were welcomed */
	uint64_t refused; /* clients that were told why not */
	time_t start;
	bool stopping;

	struct rdma_event_channel *channel;
	struct rdma_cm_id *listener;
	char address[CLIENT_ADDRESS_LEN]; /* where it listens */
	char device[COUNTERS_NAME_LEN]; /* "" for all devices */
	int epoll;
	int signals;
	int timer;
	int reports[2]; /* pipe of struct client *, from workers */
	time_t stats_due;
	struct counters counters; /* as they were at the start */
};

/* Monotonic time in seconds. */
time_t server_now(void);

/* Returns 0, or -1 after a line on standard error. */
int server_open(struct server *server, const struct options *options);
/* Returns once SIGTERM or SIGINT came and all clients are gone: 0, or -1. */
int server_run(struct server *server);
void server_close(struct server *server);

/* For clients. */
void server_add(struct server *server, struct client *client);
void server_remove(struct server *server, struct client *client);
int server_watch(struct server *server, int fd, uint64_t client_id);
/* From a worker thread: client_worker_done() is to be called. */
void server_report(struct server *server, struct client *client);

#endif
