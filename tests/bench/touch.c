// SPDX-License-Identifier: GPL-2.0-only
/*
 * touch - threads that touch pages of a region larger than the local memory
 *
 *	touch [--pages N] [--threads N] [--seconds N] [--cpus N]
 *	      [--pattern random|zipf|scan|strided|mixed|shift] [--writes PERCENT]
 *
 * random: any page, as likely as any other. zipf: pages scattered over the region are touched in
 * proportion to a power of their rank (skew 0.99). scan: the threads go through the region
 * together, in order, again and again: each takes the next page, so that every touch is a miss.
 * strided: the same with a step of seven pages, and one page further at each end of the region, as
 * one goes through a matrix by columns. mixed: every other thread scans the first half of the
 * region, the others touch the second half as zipf does; "scanned" are the touches of the first.
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
	PATTERN_STRIDED,
	PATTERN_MIXED,
	PATTERN_SHIFT,
};

enum {
	STRIDE = 7, /* pages; no power of two, as that fits windows by chance */
};

static const char *const pattern_names[] = {
	[PATTERN_RANDOM] = "random",   [PATTERN_ZIPF] = "zipf",	  [PATTERN_SCAN] = "scan",
	[PATTERN_STRIDED] = "strided", [PATTERN_MIXED] = "mixed", [PATTERN_SHIFT] = "shift",
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

static bool scans(unsigned int thread)
{
	return pattern == PATTERN_SCAN || pattern == PATTERN_STRIDED ||
	       (pattern == PATTERN_MIXED && thread % 2 == 0);
}

static size_t next_step(void)
{
	return atomic_fetch_add_explicit(&scanned, 1, memory_order_relaxed);
}

static size_t next_page(unsigned int thread, uint64_t *state)
{
	uint64_t random = random_next(state);
	size_t hot, step, rows;

	switch (pattern) {
	case PATTERN_ZIPF:
		return zipf_next(&zipf, state);
	case PATTERN_SCAN:
		return next_step() % region.pages;
	case PATTERN_STRIDED:
		rows = region.pages / STRIDE;
		step = next_step() % (rows * STRIDE);
		return step % rows * STRIDE + step / rows;
	case PATTERN_MIXED:
		if (scans(thread))
			return next_step() % zipf.nr;
		return region.pages - zipf.nr + zipf_next(&zipf, state);
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
		size_t page = next_page(me->index, &state);
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
	fprintf(stderr, "touch: no pattern '%s'; there are", name);
	for (unsigned int i = 0; i < sizeof(pattern_names) / sizeof(*pattern_names); i++)
		fprintf(stderr, " %s", pattern_names[i]);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	static struct toucher touchers[THREADS_MAX];
	static struct histogram latency;
	static struct threads running;
	unsigned long pages = 16384, threads = 1, seconds = 5;
	const char *pattern_name = pattern_names[PATTERN_RANDOM];
	uint64_t touches = 0, misses = 0, steps = 0, begin;
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
	if (pages < STRIDE) {
		fprintf(stderr, "touch: --pages is %lu; it must be %d or more\n", pages, STRIDE);
		return EXIT_FAILURE;
	}
	region_make(&region, pages);
	if (pattern == PATTERN_ZIPF)
		zipf_make(&zipf, pages, 0.99);
	if (pattern == PATTERN_MIXED)
		zipf_make(&zipf, pages / 2, 0.99);

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
		steps += scans((unsigned int)i) ? touchers[i].touches : 0;
		misses += touchers[i].misses;
		histogram_merge(&latency, &touchers[i].latency);
	}
	took = (double)(region_now() - begin) / 1e9;
	for (size_t page = 0; page < region.pages; page++)
		region_check(&region, page);

	printf("{\"touches\": %.0f, \"scanned\": %.0f, \"misses\": %.0f, \"p50_us\": %.1f, "
	       "\"p99_us\": %.1f, \"p999_us\": %.1f}\n",
	       (double)touches / took, (double)steps / took, (double)misses / took,
	       (double)histogram_quantile(&latency, misses, 0.5) / 1e3,
	       (double)histogram_quantile(&latency, misses, 0.99) / 1e3,
	       (double)histogram_quantile(&latency, misses, 0.999) / 1e3);
	return EXIT_SUCCESS;
}
