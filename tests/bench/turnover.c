// SPDX-License-Identifier: GPL-2.0-only
/*
 * turnover - threads that move pages in and out, for what is counted and not timed
 *
 *	turnover [--pages N] [--threads N] [--touches N]
 *
 * Each thread has a CPU of its own, from the first on, and touches pages of the region at random,
 * as likely as any other; each touch writes, so that a page that comes in goes out again. After half
 * as many touches as asked for, in which it is forgotten how the pages lay before, so many touches
 * of all threads together lie between the markers (marker.h). Every page is verified at each touch.
 *
 * Prints one JSON object: the touches, and the pages that the machine's swap areas were asked for
 * ("in") and given ("out") meanwhile.
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "options.h"
#include "random.h"
#include "region.h"
#include "threads.h"

struct toucher {
	unsigned int index;
};

struct swapped {
	unsigned long in;
	unsigned long out;
};

static struct region region;
static unsigned long each; /* touches of a thread */
static pthread_barrier_t barrier;
static struct swapped before, after;

static struct swapped swapped(void)
{
	struct swapped found = { 0 };
	FILE *file = fopen("/proc/vmstat", "r");
	char name[64];
	unsigned long value;

	if (!file) {
		perror("/proc/vmstat");
		exit(EXIT_FAILURE);
	}
	while (fscanf(file, "%63s %lu", name, &value) == 2) {
		if (!strcmp(name, "pswpin"))
			found.in = value;
		else if (!strcmp(name, "pswpout"))
			found.out = value;
	}
	fclose(file);
	return found;
}

static void touch(uint64_t *state, unsigned long touches)
{
	for (unsigned long i = 0; i < touches; i++) {
		size_t page = (random_next(state) >> 11) % region.pages;

		region_check(&region, page);
		region_word(&region, page)[1]++;
	}
}

static void *work(void *arg)
{
	struct toucher *me = arg;
	uint64_t state = 88172645463325252ULL * (me->index + 1);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(me->index, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("turnover: a CPU for each thread");
		exit(EXIT_FAILURE);
	}
	touch(&state, each / 2);
	pthread_barrier_wait(&barrier);
	if (me->index == 0) {
		before = swapped();
		marker_begin();
	}
	pthread_barrier_wait(&barrier);
	touch(&state, each);
	pthread_barrier_wait(&barrier);
	if (me->index == 0) {
		marker_end();
		after = swapped();
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct toucher touchers[THREADS_MAX];
	static struct threads running;
	unsigned long pages = 16384, threads = 1, touches = 20000;
	const struct bench_option options[] = {
		{ .name = "pages", .number = &pages, .most = 1U << 30 },
		{ .name = "threads", .number = &threads, .most = THREADS_MAX },
		{ .name = "touches", .number = &touches, .most = 1U << 30 },
	};

	options_read(argc, argv, options, sizeof(options) / sizeof(*options));
	each = touches / threads;
	region_make(&region, pages);
	pthread_barrier_init(&barrier, NULL, (unsigned int)threads);
	for (unsigned int i = 0; i < threads; i++)
		touchers[i].index = i;
	threads_start(&running, work, touchers, sizeof(*touchers), threads);
	threads_join(&running);
	for (size_t page = 0; page < region.pages; page++)
		region_check(&region, page);
	printf("{\"threads\": %lu, \"touches\": %lu, \"in\": %lu, \"out\": %lu}\n", threads,
	       each * threads, after.in - before.in, after.out - before.out);
	return EXIT_SUCCESS;
}
