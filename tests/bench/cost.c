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
 */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "marker.h"
#include "region.h"

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

static void reclaim(size_t pages)
{
	int fd = cgroup_open("memory.reclaim", O_WRONLY);
	char text[32];

	snprintf(text, sizeof(text), "%zu", pages * REGION_PAGE);
	if (write(fd, text, strlen(text)) < 0)
		fail("memory.reclaim");
	close(fd);
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
	reclaim(pages);
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
	reclaim(pages / 2);
	fault_in(&region, "warm", true);

	evict("evict dirty", pages / 2);
	fault_in(&region, "fault in", false);
	/* Every page has been far now, and was only read since. */
	evict("evict the rest", pages / 2);
	fault_in(&region, "fault in the rest", false);
	evict("evict clean", pages / 2);
	fault_in(&region, "fault in again", false);
	return EXIT_SUCCESS;
}
