/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts of latencies: exact below 16 ns, then 16 buckets to each doubling, so
 * a value is right to within a sixteenth.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
	HISTOGRAM_BUCKETS = 61 * 16,
};

struct histogram {
	uint64_t count[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t ns);
void histogram_merge(struct histogram *into, const struct histogram *from);
uint64_t histogram_count(const struct histogram *histogram);

/*
 * The value that a share of @quantile (0 to 1) of the @slowest slowest ones
 * does not exceed; 0 if there are none.
 */
uint64_t histogram_quantile(const struct histogram *histogram, uint64_t slowest, double quantile);

#endif
