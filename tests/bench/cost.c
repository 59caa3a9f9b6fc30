// SPDX-License-Identifier: GPL-2.0-only
/*
 * cost CGROUP PAGES - what it costs to evict a page and to fault it in
 *
 * Runs in the cgroup. Asks for the reclaim of half of its pages, by memory.reclaim, and touches all
 * of them again, in rounds: after a round of writes the next eviction meets dirty pages, after a
 * round of reads clean ones that have a far copy. Prints a JSON object for each measurement, with
 * the nanoseconds a page that went or came. On one emulated CPU with --icount a nanosecond is an
 * instruction, and as nothing else runs it is everything that the eviction or the fault took,
 * whichever thread did it; the fault includes the user's loop, about ten instructions.
 *
 * What stock reclaim takes for half of the pages at once depends on where the rounds before have
 * left them: which lie on which list, and how often it looks at each. So in the end pages are read
 * at random and a few at a time are reclaimed, many times; what a page then takes on its way out
 * and in again is a mean over all such states.
 *
 * Last comes the same below a limit, memory.max, with writes: each page that comes makes another
 * one go, at the discretion of who makes room.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "marker.h"
#include "random.h"
#include "region.h"

enum {
	/* Touches at random before some pages are reclaimed; about half of them miss. */
	TURN = 128,
	/* Touches for each page: until it is forgotten how the pages lay before, and measured. */
	LAPS_BEFORE = 4,
	LAPS = 8,
};

static const char *cgroup;

static void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static int cgroup_open(const char *file, int flags)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", cgroup, file);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	return fd;
}

static long local_pages(void)
{
	int fd = cgroup_open("memory.current", O_RDONLY);
	char text[32] = "";

	if (read(fd, text, sizeof(text) - 1) < 0)
		fail("memory.current");
	close(fd);
	return strtol(text, NULL, 10) / REGION_PAGE;
}

/* False if not all could be had. */
static bool try_reclaim(size_t pages)
{
	int fd = cgroup_open("memory.reclaim", O_WRONLY);
	char text[32];
	bool all;

	snprintf(text, sizeof(text), "%zu", pages * REGION_PAGE);
	all = write(fd, text, strlen(text)) >= 0;
	if (!all && errno != EAGAIN)
		fail("memory.reclaim");
	close(fd);
	return all;
}

static void reclaim(const char *what, size_t pages)
{
	long before = local_pages();

	if (!try_reclaim(pages)) {
		fprintf(stderr, "%s: memory.reclaim: %ld went of %zu pages, of %ld\n", what,
			before - local_pages(), pages, before);
		exit(EXIT_FAILURE);
	}
}

static void report(const char *what, long pages, uint64_t ns)
{
	printf("{\"what\": \"%s\", \"pages\": %ld, \"per_page\": %.1f}\n", what, pages,
	       (double)ns / (double)pages);
}

static void evict(const char *what, size_t pages)
{
	long before = local_pages();
	uint64_t begin;

	marker_begin();
	begin = region_now();
	reclaim(what, pages);
	begin = region_now() - begin;
	marker_end();
	report(what, before - local_pages(), begin);
}

static void fault_in(const struct region *region, const char *what, bool write)
{
	long before = local_pages();
	uint64_t begin, sum = 0;

	marker_begin();
	begin = region_now();
	for (size_t page = 0; page < region->pages; page++) {
		volatile uint64_t *word = region_word(region, page);

		if (write)
			word[1] = page;
		sum += *word;
	}
	begin = region_now() - begin;
	marker_end();
	report(what, local_pages() - before, begin);
	/* Keeps the compiler from leaving the loop out. */
	if (sum == 1)
		putchar('\n');
	for (size_t page = 0; page < region->pages; page++)
		region_check(region, page);
}

static long major_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_majflt;
}

/* So many touches at random, with no more local pages after each turn than wanted. */
static void take_turns(const struct region *region, uint64_t *state, size_t touches, long local)
{
	for (size_t done = 0; done < touches; done += TURN) {
		long over;

		for (unsigned int i = 0; i < TURN; i++)
			region_check(region, (random_next(state) >> 11) % region->pages);
		over = local_pages() - local;
		/* What cannot be had now is part of the next turn's. */
		if (over > 0)
			try_reclaim((size_t)over);
	}
}

static void out_and_in(const struct region *region, const char *what)
{
	long local = local_pages() - (long)(region->pages / 2);
	uint64_t state = 88172645463325252ULL, begin;
	long before;

	take_turns(region, &state, LAPS_BEFORE * region->pages, local);
	before = major_faults();
	marker_begin();
	begin = region_now();
	take_turns(region, &state, LAPS * region->pages, local);
	begin = region_now() - begin;
	marker_end();
	report(what, major_faults() - before, begin);
}

static void set_limit(const char *limit)
{
	int fd = cgroup_open("memory.max", O_WRONLY);

	if (write(fd, limit, strlen(limit)) < 0)
		fail("memory.max");
	close(fd);
}

/* Touches at random, each of which writes. */
static void write_at_random(const struct region *region, uint64_t *state, size_t touches)
{
	while (touches--) {
		size_t page = (random_next(state) >> 11) % region->pages;
		volatile uint64_t *word = region_word(region, page);

		region_check(region, page);
		word[1] = touches;
	}
}

static void below_a_limit(const struct region *region, const char *what)
{
	uint64_t state = 88172645463325252ULL, begin;
	char limit[32];
	long before;

	snprintf(limit, sizeof(limit), "%ld",
		 (local_pages() - (long)(region->pages / 2)) * (long)REGION_PAGE);
	set_limit(limit);
	write_at_random(region, &state, LAPS_BEFORE * region->pages);
	before = major_faults();
	marker_begin();
	begin = region_now();
	write_at_random(region, &state, LAPS * region->pages);
	begin = region_now() - begin;
	marker_end();
	report(what, major_faults() - before, begin);
	set_limit("max");
}

int main(int argc, char **argv)
{
	struct region region;
	size_t pages;

	if (argc != 3 || !(pages = strtoul(argv[2], NULL, 10))) {
		fprintf(stderr, "usage: cost CGROUP PAGES\n");
		return EXIT_FAILURE;
	}
	cgroup = argv[1];
	setlinebuf(stdout);
	region_make(&region, pages);
	/* Once round for nothing: lists settle, slots are taken. */
	reclaim("warm", pages / 2);
	fault_in(&region, "warm", true);

	evict("evict dirty", pages / 2);
	fault_in(&region, "fault in", false);
	/* Every page has been far now, and was only read since. */
	evict("evict the rest", pages / 2);
	fault_in(&region, "fault in the rest", false);
	evict("evict clean", pages / 2);
	fault_in(&region, "fault in again", false);
	out_and_in(&region, "out and in");
	fault_in(&region, "fault in all", false);
	below_a_limit(&region, "below a limit");
	return EXIT_SUCCESS;
}
