// SPDX-License-Identifier: GPL-2.0-only
#include "histogram.h"

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int octave;

	if (ns < 16)
		return (unsigned int)ns;
	octave = 63 - (unsigned int)__builtin_clzll(ns);
	return (octave - 3) * 16 + (unsigned int)(ns >> (octave - 4) & 15);
}

static uint64_t bucket_floor(unsigned int bucket)
{
	if (bucket < 16)
		return bucket;
	return (16ULL + bucket % 16) << (bucket / 16 - 1);
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	histogram->count[bucket_of(ns)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->count[i] += from->count[i];
}

uint64_t histogram_count(const struct histogram *histogram)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		count += histogram->count[i];
	return count;
}

uint64_t histogram_quantile(const struct histogram *histogram, uint64_t slowest, double quantile)
{
	uint64_t above = (uint64_t)((double)slowest * (1.0 - quantile)), seen = 0;

	if (!slowest)
		return 0;
	for (unsigned int i = HISTOGRAM_BUCKETS; i-- > 0;) {
		seen += histogram->count[i];
		if (seen > above)
			return bucket_floor(i);
	}
	return 0;
}
