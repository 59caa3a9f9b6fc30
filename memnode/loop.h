/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop: connections, signals, time, and what clients wait for.
 */
#ifndef MEMNODE_LOOP_H
#define MEMNODE_LOOP_H

#include <time.h>

#include "listener.h"

struct server;

struct loop {
	struct server *server;
	struct listener listener;
	int signals;
	int timer;
	time_t stats_due;
};

/* Returns 0, or -1 after a line on standard error. */
int loop_open(struct loop *loop, struct server *server);
/* Returns once SIGTERM, SIGINT or SIGUSR2 came and all clients are gone: 0, or -1. */
int loop_run(struct loop *loop);
void loop_close(struct loop *loop);

#endif
