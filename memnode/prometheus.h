/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A writer of Prometheus' text format, version 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#ifndef MEMNODE_PROMETHEUS_H
#define MEMNODE_PROMETHEUS_H

#include <stdint.h>
#include <stdio.h>

/* Begins a metric, whose samples follow.  A counter's name ends with "_total". */
void prometheus_gauge(FILE *out, const char *name, const char *help);
void prometheus_counter(FILE *out, const char *name, const char *help);

/* A sample of it; labels are pairs of a name and any text, and end with NULL. */
void prometheus_sample(FILE *out, const char *name, uint64_t value, ...) __attribute__((sentinel));

#endif
