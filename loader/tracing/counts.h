/* SPDX-License-Identifier: GPL-2.0-only */
/* What the trace programs have counted.  Pure functions. */
#ifndef MAGE_TRACING_COUNTS_H
#define MAGE_TRACING_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mage.h>
#include <linux/types.h>

#include "bpf/trace.h"

_Static_assert(TRACE_BUCKETS == MAGE_LATENCY_BUCKETS, "the same histogram");

/* What is counted for a class of a domain. */
struct trace_row {
	struct trace_key key;
	struct trace_counts counts;
};

/* Sorted by domain and class. */
struct trace_rows {
	struct trace_row *row;
	size_t nr;
};

struct trace_class {
	uint32_t class;
	const char *name; /* a word for programs */
	const char *text; /* for people */
};

#define MOST_TRACE_CLASSES 8

struct trace_kind {
	const char *name; /* of the command and of its BPF object: "faults" */
	const char *times; /* what the times of its histogram are */
	struct trace_class classes[MOST_TRACE_CLASSES];
	uint32_t untimed; /* a bit for each class that has no times */
	bool stages; /* shown as a table of its classes */
};

extern const struct trace_kind trace_faults, trace_batches, trace_rescues, trace_waits;

void trace_rows_sort(struct trace_rows *rows);
void trace_rows_free(struct trace_rows *rows);

/* Takes what was counted before away from @now; rows that are left without an event, too. */
void trace_rows_since(struct trace_rows *now, const struct trace_rows *before);

/* How many rows from @row on, of @nr, are of one domain. */
size_t trace_rows_of_domain(const struct trace_row *row, size_t nr);

#endif
