/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the memory node has to say about itself.
 */
#ifndef MEMNODE_STATS_H
#define MEMNODE_STATS_H

struct server;

/* Rewrites the file of --stats in one step; does nothing without it. */
void stats_write_file(const struct server *server);

/* The same, and prints on standard output: JSON with --json, else text. */
void stats_publish(const struct server *server);

#endif
