/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces made by rule, for the tests. */
#ifndef SIM_GENERATE_H
#define SIM_GENERATE_H

#include "tracing/file.h"

enum pattern {
	PATTERN_SCAN, /* from the first page to the last, twice, each page a few times in a row */
	PATTERN_LOOP, /* round and round */
	PATTERN_ZIPF, /* page i is as likely as 1 / i, the pages shuffled */
	PATTERN_SCAN_ZIPF, /* the one for a while, then the other */
	PATTERN_RANDOM,
	PATTERNS,
};

extern const char *const pattern_names[PATTERNS];

/* The same arguments make the same trace. */
void generate(struct trace *trace, enum pattern pattern, uint32_t pages, size_t references,
	      uint64_t seed);

#endif
