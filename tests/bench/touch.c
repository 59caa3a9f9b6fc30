// SPDX-License-Identifier: GPL-2.0-only
/*
 * touch - threads that touch pages of a region larger than the local memory
 *
 *	touch [--pages N] [--threads N] [--seconds N] [--cpus N]
 *	      [--pattern random|zipf|scan|shift] [--writes PERCENT]
 *
 * random: any page, as likely as any other. zipf: pages scattered over the region are touched in
 * proportion to a power of their rank (skew 0.99). scan: the threads go through the region
 * together, in order, again and again: each takes the next page, so that every touch is a miss.
 * shift: nine touches in ten go to a hot quarter of the region that moves on by an eighth of the
 * region each second (GUPS with a hot set). Half of the touches write, or as many percent as asked
 * for. Every page's pattern is verified at each touch.
 *
 * Prints one JSON object: touches and misses a second, and quantiles of what a miss takes. Misses
 * are major faults; as a touch that misses takes longer than one that does not, the slowest
 * touches, as many as there were misses, are taken for them. That holds on every side alike: a
 * thread that the scheduler kept off its CPU in the middle of a touch is among the slowest, too.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "histogram.h"
#include "options.h"
#include "random.h"
#include "region.h"
#include "threads.h"
#include "zipf.h"

enum pattern {
	PATTERN_RANDOM,
	PATTERN_ZIPF,
	PATTERN_SCAN,
	PATTERN_SHIFT,
};

static const char *const pattern_names[] = {
	[PATTERN_RANDOM] = "random",
	[PATTERN_ZIPF] = "zipf",
	[PATTERN_SCAN] = "scan",
	[PATTERN_SHIFT] = "shift",
};

struct toucher {
	unsigned int index;
	uint64_t touches;
	uint64_t misses;
	struct histogram latency;
};

static struct region region;
static enum pattern pattern;
static unsigned long cpus;
static unsigned long writes = 50; /* percent of the touches */
static atomic_bool ended;
static atomic_uint shifts;
static atomic_size_t scanned;
static struct zipf zipf;

static size_t next_page(uint64_t *state)
{
	uint64_t random = random_next(state);
	size_t hot;

	switch (pattern) {
	case PATTERN_ZIPF:
		return zipf_next(&zipf, state);
	case PATTERN_SCAN:
		return atomic_fetch_add_explicit(&scanned, 1, memory_order_relaxed) % region.pages;
	case PATTERN_SHIFT:
		if (random % 10 == 0)
			break;
		hot = atomic_load_explicit(&shifts, memory_order_relaxed) * (region.pages / 8);
		return (hot + (random >> 11) % (region.pages / 4)) % region.pages;
	case PATTERN_RANDOM:
		break;
	}
	return (random >> 11) % region.pages;
}

static void stay_on_cpus(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned int cpu = 0; cpu < cpus; cpu++)
		CPU_SET(cpu, &set);
	if (cpus && sched_setaffinity(0, sizeof(set), &set))
		perror("sched_setaffinity");
}

static void *touch(void *arg)
{
	struct toucher *me = arg;
	uint64_t state = 88172645463325252ULL * (me->index + 1);
	struct rusage usage;

	stay_on_cpus();
	while (!atomic_load_explicit(&ended, memory_order_relaxed)) {
		size_t page = next_page(&state);
		volatile uint64_t *word = region_word(&region, page);
		bool write = random_mix(state) % 100 < writes;
		uint64_t begin = region_now();

		if (*word != region_pattern(page))
			region_check(&region, page);
		if (write)
			word[1]++;
		histogram_add(&me->latency, region_now() - begin);
		me->touches++;
	}
	getrusage(RUSAGE_THREAD, &usage);
	me->misses = (uint64_t)usage.ru_majflt;
	return NULL;
}

static enum pattern pattern_by_name(const char *name)
{
	for (unsigned int i = 0; i < sizeof(pattern_names) / sizeof(*pattern_names); i++)
		if (!strcmp(name, pattern_names[i]))
			return (enum pattern)i;
	fprintf(stderr, "touch: no pattern '%s'; there are random, zipf, scan and shift\n", name);
	exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	static struct toucher touchers[THREADS_MAX];
	static struct histogram latency;
	static struct threads running;
	unsigned long pages = 16384, threads = 1, seconds = 5;
	const char *pattern_name = pattern_names[PATTERN_RANDOM];
	uint64_t touches = 0, misses = 0, begin;
	double took;
	const struct bench_option options[] = {
		{ .name = "pages", .number = &pages, .most = 1U << 30 },
		{ .name = "threads", .number = &threads, .most = THREADS_MAX },
		{ .name = "seconds", .number = &seconds, .most = 3600 },
		{ .name = "cpus", .number = &cpus, .most = CPU_SETSIZE },
		{ .name = "pattern", .text = &pattern_name },
		{ .name = "writes", .number = &writes, .most = 100 },
	};

	options_read(argc, argv, options, sizeof(options) / sizeof(*options));
	pattern = pattern_by_name(pattern_name);
	region_make(&region, pages);
	if (pattern == PATTERN_ZIPF)
		zipf_make(&zipf, pages, 0.99);

	for (unsigned int i = 0; i < threads; i++)
		touchers[i].index = i;
	begin = region_now();
	threads_start(&running, touch, touchers, sizeof(*touchers), threads);
	for (unsigned int i = 0; i < seconds; i++) {
		threads_wait(1);
		atomic_fetch_add(&shifts, 1);
	}
	atomic_store(&ended, true);
	threads_join(&running);
	for (unsigned int i = 0; i < threads; i++) {
		touches += touchers[i].touches;
		misses += touchers[i].misses;
		histogram_merge(&latency, &touchers[i].latency);
	}
	took = (double)(region_now() - begin) / 1e9;
	for (size_t page = 0; page < region.pages; page++)
		region_check(&region, page);

	printf("{\"touches\": %.0f, \"misses\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
	       "\"p999_us\": %.1f}\n",
	       (double)touches / took, (double)misses / took,
	       (double)histogram_quantile(&latency, misses, 0.5) / 1e3,
	       (double)histogram_quantile(&latency, misses, 0.99) / 1e3,
	       (double)histogram_quantile(&latency, misses, 0.999) / 1e3);
	return EXIT_SUCCESS;
}
