// SPDX-License-Identifier: GPL-2.0-only
/*
 * pages - touches pages in an order that is the same in every run, to be recorded
 *
 *	pages --pattern scan|zipf|scan-zipf [--pages N] [--touches N]
 *
 * scan: all pages in order, again and again. zipf: pages scattered over the memory, in proportion
 * to a power of their rank (skew 0.9). scan-zipf: as zipf in the first two thirds of the pages, but
 * each fourth touch goes on with a scan of the rest. Each third touch writes, and each verifies
 * what the page has.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "random.h"
#include "region.h"
#include "zipf.h"

#define SKEW 0.9

enum {
	SCAN_EVERY = 4,
	WRITE_EVERY = 3,
};

static struct region region;
static struct zipf zipf;
static uint64_t state = 88172645463325252ULL;

static size_t scan_page(uint64_t touch)
{
	return touch % region.pages;
}

static size_t zipf_page(uint64_t touch)
{
	(void)touch;
	return zipf_next(&zipf, &state);
}

static size_t scan_zipf_page(uint64_t touch)
{
	if (touch % SCAN_EVERY)
		return zipf_next(&zipf, &state);
	return zipf.nr + touch / SCAN_EVERY % (region.pages - zipf.nr);
}

static const struct pattern {
	const char *name;
	size_t (*page)(uint64_t touch);
	unsigned int thirds; /* of the pages that are touched as zipf has it */
} patterns[] = {
	{ "scan", scan_page, 3 },
	{ "zipf", zipf_page, 3 },
	{ "scan-zipf", scan_zipf_page, 2 },
};

static const struct pattern *find_pattern(const char *name)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!strcmp(name, patterns[i].name))
			return &patterns[i];
	fprintf(stderr, "pages: no pattern '%s'; there are scan, zipf and scan-zipf\n", name);
	exit(EXIT_FAILURE);
}

/* A page that is written to is so first, and so a fault on it is one to write. */
static void touch_page(size_t page, uint64_t touch)
{
	volatile uint64_t *word = region_word(&region, page);

	if (touch % WRITE_EVERY == 0)
		word[1] = touch;
	if (*word != region_pattern(page))
		region_check(&region, page);
}

int main(int argc, char **argv)
{
	const char *pattern_name = patterns[0].name;
	unsigned long pages = 4096, touches = 100000;
	const struct bench_option options[] = {
		{ .name = "pattern", .text = &pattern_name },
		{ .name = "pages", .number = &pages, .most = 1UL << 30 },
		{ .name = "touches", .number = &touches, .most = 1UL << 40 },
	};
	const struct pattern *pattern;

	options_read(argc, argv, options, sizeof(options) / sizeof(*options));
	pattern = find_pattern(pattern_name);
	if (pages < 3) {
		fprintf(stderr, "pages: --pages must be at least 3\n");
		return EXIT_FAILURE;
	}
	region_make(&region, pages);
	zipf_make(&zipf, pages * pattern->thirds / 3, SKEW);
	for (uint64_t touch = 0; touch < touches; touch++)
		touch_page(pattern->page(touch), touch);
	for (size_t page = 0; page < region.pages; page++)
		region_check(&region, page);
	return EXIT_SUCCESS;
}
