/* SPDX-License-Identifier: GPL-2.0-only */
/* What a replay came to, and how it is printed. */
#ifndef SIM_RESULT_H
#define SIM_RESULT_H

#include "machine.h"
#include "tracing/file.h"

struct result {
	const struct trace *trace;
	const char *policy;
	u32 frames;
	double local; /* of the trace's pages, in percent */
	struct machine_counts counts;
	/* Of models with as many frames; first touches are no misses, as in counts.faults. */
	u64 lru_misses;
	u64 opt_misses;
};

/* In the order of trace, then size, then policy. */
void results_as_text(const struct result *result, u32 nr);
void results_as_markdown(const struct result *result, u32 nr);
void results_as_json(const struct result *result, u32 nr);

#endif
