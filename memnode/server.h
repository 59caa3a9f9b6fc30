/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all clients share.
 */
#ifndef MEMNODE_SERVER_H
#define MEMNODE_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "address.h"
#include "admission.h"
#include "counters.h"
#include "keyring.h"
#include "ledger.h"
#include "options.h"
#include "refusal.h"

struct client;
struct ibv_context;

struct server {
	const struct options *options;
	struct keyring keyring;
	struct ledger ledger;
	struct admission admission;
	struct client *clients;
	uint64_t last_id;
	uint64_t served; /* clients that were welcomed */
	uint64_t refused; /* clients that got none */
	uint64_t refused_by[REFUSAL_NR]; /* the same, by cause */
	uint64_t suspended; /* times that the connection to a client was lost */
	uint64_t resumed; /* times that one came back */
	uint64_t restored; /* clients of the daemon before this one */
	time_t start;
	bool stopping;
	bool draining; /* takes no new sessions, and ends with the last one */

	char address[ADDRESS_LEN]; /* where it listens */
	char device[COUNTERS_NAME_LEN]; /* "" for all devices */
	struct ibv_context **devices; /* those that there were at the start; NULL for none */
	struct counters counters; /* as they were at the start */
	int epoll;
	int reports[2]; /* pipe of struct client *, from workers */
};

/* What epoll reports; numbers from WATCH_CLIENTS on are identifiers of clients. */
enum {
	WATCH_CM,
	WATCH_SIGNALS,
	WATCH_TIMER,
	WATCH_REPORTS,
	WATCH_CLIENTS,
};

/* Monotonic time in seconds. */
time_t server_now(void);

/* Returns 0, or -1 after a line on standard error. */
int server_open(struct server *server, const struct options *options);
void server_close(struct server *server);

int server_watch(struct server *server, int fd, uint64_t what);
/* The refusal of one that is draining; returns false. */
bool refuse_drained(struct verdict *verdict);
/* Counts a client that got no memory; source may be NULL when it has left. */
void server_refused(struct server *server, struct source *source, unsigned int cause);
/* From a worker thread: client_worker_done() is to be called. */
void server_report(struct server *server, struct client *client);
/* The next client that was reported; NULL for none. */
struct client *server_reported(struct server *server);

#endif
