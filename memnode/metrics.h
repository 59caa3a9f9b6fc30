/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the memory node has to say about itself, as metrics for Prometheus.
 */
#ifndef MEMNODE_METRICS_H
#define MEMNODE_METRICS_H

#include <stdio.h>

#include "counters.h"

struct server;

/* wire is what the devices moved since the start. */
void metrics_print(FILE *out, const struct server *server, const struct counters *wire);

#endif
