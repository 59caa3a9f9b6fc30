/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the applications of the benchmark have in common: arrays that they page, a limit on
 * their local memory, and a result to print.
 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

/* Memory in small pages, zeroed; ends the program if there is none. */
void *work_array(size_t nr, size_t size);

/*
 * Lets the control group that owns the file memory.max at @path have no more than @bytes from now
 * on; returns once the rest is far. What is built before is built at full speed. Does nothing if
 * one of the two is NULL.
 */
void work_limit(const char *path, const char *bytes);

/* Adds @size bytes to a checksum of everything; 8 bytes at a time, in order. */
uint64_t work_sum(uint64_t sum, const void *data, size_t size);

/* The JSON object that the benchmark reads: @nr @unit in @ns, each step's time in @steps. */
void work_report(const char *unit, uint64_t nr, uint64_t ns, const struct histogram *steps,
		 uint64_t checksum);

#endif
