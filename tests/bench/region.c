// SPDX-License-Identifier: GPL-2.0-only
#include "region.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

void region_make(struct region *region, size_t pages)
{
	region->pages = pages;
	region->base = mmap(NULL, pages * REGION_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (region->base == MAP_FAILED) {
		perror("mmap");
		exit(EXIT_FAILURE);
	}
	madvise(region->base, pages * REGION_PAGE, MADV_NOHUGEPAGE);
	for (size_t page = 0; page < pages; page++)
		*region_word(region, page) = region_pattern(page);
}

void region_check(const struct region *region, size_t page)
{
	uint64_t word = *region_word(region, page);

	if (word == region_pattern(page))
		return;
	fprintf(stderr, "page %zu is wrong: %#" PRIx64 " instead of %#" PRIx64 "\n", page, word,
		region_pattern(page));
	abort();
}

uint64_t region_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
