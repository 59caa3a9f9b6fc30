/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF objects of "mage trace": found, loaded, attached to their tracepoints. */
#ifndef MAGE_TRACING_OBJECT_H
#define MAGE_TRACING_OBJECT_H

#include <stdint.h>

#include <bpf/libbpf.h>

#include "base/exit_codes.h"
#include "tracing/counts.h"

#define MOST_TRACE_PROGRAMS 4

struct trace_object {
	struct bpf_object *object;
	struct bpf_link *link[MOST_TRACE_PROGRAMS];
	int nr_links;
};

/*
 * NAME.bpf.o is next to the build tree of this program or in lib/mage/bpf below its prefix.
 * Whatever fails, the object is to be closed.
 */
enum rc trace_object_open(const char *what, const char *name, struct trace_object *trace);
enum rc trace_object_load(const char *what, struct trace_object *trace);
enum rc trace_object_attach(const char *what, struct trace_object *trace);
/* Detaches it; the maps stay. */
void trace_object_stop(struct trace_object *trace);
void trace_object_close(struct trace_object *trace);

struct bpf_map *trace_object_map(const struct trace_object *trace, const char *name);
/* What the map "lost" says. 0, or a negative errno. */
int trace_object_lost(const struct trace_object *trace, uint64_t *lost);
/* The map "counts", summed over the CPUs; of one domain, unless @cgroup_id is 0. */
int trace_object_counts(const struct trace_object *trace, uint64_t cgroup_id,
			struct trace_rows *rows);

#endif
