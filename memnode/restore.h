/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sessions that the daemon before this one has left in the store.
 */
#ifndef MEMNODE_RESTORE_H
#define MEMNODE_RESTORE_H

struct server;

/*
 * Takes over all that there are, each as a suspended client.  To be called once,
 * before anybody can connect.  Returns 0, or -1 after a line on standard error
 * for each that cannot be taken over: it stays in the store.
 */
int restore_sessions(struct server *server);

#endif
