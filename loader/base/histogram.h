/* SPDX-License-Identifier: GPL-2.0-only */
/* The fault latency histogram of <linux/mage.h>.  Pure functions. */
#ifndef MAGE_BASE_HISTOGRAM_H
#define MAGE_BASE_HISTOGRAM_H

#include <stdint.h>

#include <linux/mage.h>

struct histogram {
	uint64_t bucket[MAGE_LATENCY_BUCKETS];
};

/*
 * What was counted between two readings.  A bucket that shrank means that the
 * domain was made anew in between: then all of @now counts.
 */
struct histogram histogram_since(const struct histogram *now, const struct histogram *before);

uint64_t histogram_count(const struct histogram *histogram);

/*
 * The latency that @percent percent of the faults did not exceed, in
 * nanoseconds, taking the faults of a bucket as spread evenly over it; 0 if
 * nothing was counted.
 */
double histogram_percentile(const struct histogram *histogram, double percent);

#endif
