/* SPDX-License-Identifier: GPL-2.0-only */
/* Recording which pages a cgroup misses, in order, as a file that can be replayed. */
#ifndef MAGE_TRACING_RECORDING_H
#define MAGE_TRACING_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/exit_codes.h"
#include "tracing/file.h"

struct recording_request {
	const char *what; /* the command, for messages */
	const char *cgroup; /* as typed */
	uint64_t cgroup_id;
	const char *output; /* the file */
	char name[TRACE_NAME_MAX];
	double seconds; /* 0: until it ends by itself */
	uint64_t most; /* references */
	uint64_t buffer; /* bytes */
};

/* What came of it. */
struct recording_summary {
	uint64_t references;
	uint64_t first_touches;
	uint32_t pages;
	double seconds;
	bool full; /* ended by the most references */
};

/*
 * Records until the time is over, there are as many references as asked for, the cgroup is empty
 * or a signal came, shows progress on standard error meanwhile, and writes the file.  Reports a
 * failure; then a file that was not there before is not there after.
 */
enum rc recording_make(const struct recording_request *request, struct recording_summary *summary);

#endif
