/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where clients come: connections that are asked for, and those that are lost.
 */
#ifndef MEMNODE_LISTENER_H
#define MEMNODE_LISTENER_H

#include <rdma/rdma_cma.h>

struct server;

struct listener {
	struct server *server;
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
};

/* Returns 0, or -1 after a line on standard error. */
int listener_open(struct listener *listener, struct server *server);
/* Takes one event; returns 0, or -1 after a line on standard error. */
int listener_event(struct listener *listener);
void listener_close(struct listener *listener);

#endif
