/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replacement algorithms, each written from its paper and from nothing else: what policies are
 * compared with.
 *
 * They are given what a policy is given: a reference to a local page only sets its accessed bit,
 * and so does the one that brings a page in.  A page that arrives is in before it is decided which
 * one goes, as evictors act on pages that have arrived.
 */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracing/file.h"

struct model_run {
	const struct trace *trace;
	uint32_t frames;
	/* Is told of each page that is evicted. */
	void (*evicted)(void *context, uint32_t page);
	void *context;
};

struct model {
	const char *name;
	/* Returns how many references found their page not local, first touches included. */
	uint64_t (*misses)(const struct model_run *run);
};

extern const struct model model_fifo, model_clock, model_lru, model_opt, model_lfu, model_sieve,
	model_s3fifo, model_arc, model_twoq, model_lirs, model_clockpro, model_cflru,
	model_wtinylfu, model_lruk, model_lecar, model_cacheus;

static inline void model_evict(const struct model_run *run, uint32_t page)
{
	if (run->evicted)
		run->evicted(run->context, page);
}

#endif
