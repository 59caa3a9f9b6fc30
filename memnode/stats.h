/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the memory node has to say about itself.
 */
#ifndef MEMNODE_STATS_H
#define MEMNODE_STATS_H

struct server;

/* Rewrites the files of --stats and --metrics, each in one step, where they are asked for. */
void stats_write_files(const struct server *server);

/* The same, and prints on standard output: JSON with --json, else text. */
void stats_publish(const struct server *server);

#endif
