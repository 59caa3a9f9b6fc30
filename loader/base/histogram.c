// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>

#include "base/histogram.h"

struct histogram histogram_since(const struct histogram *now, const struct histogram *before)
{
	struct histogram delta;

	for (unsigned int b = 0; b < MAGE_LATENCY_BUCKETS; b++) {
		if (now->bucket[b] < before->bucket[b])
			return *now;
		delta.bucket[b] = now->bucket[b] - before->bucket[b];
	}
	return delta;
}

uint64_t histogram_count(const struct histogram *histogram)
{
	uint64_t count = 0;

	for (unsigned int b = 0; b < MAGE_LATENCY_BUCKETS; b++)
		count += histogram->bucket[b];
	return count;
}

double histogram_percentile(const struct histogram *histogram, double percent)
{
	double count = (double)histogram_count(histogram);
	double rank = fmax(ceil(count * percent / 100), 1), below = 0;

	for (unsigned int b = 0; b < MAGE_LATENCY_BUCKETS; b++) {
		double here = (double)histogram->bucket[b];

		if (here > 0 && below + here >= rank) {
			double from = (double)mage_latency_floor(b);
			double to = (double)mage_latency_floor(b + 1);

			return from + (to - from) * (rank - below - 0.5) / here;
		}
		below += here;
	}
	return 0;
}
