/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory that the benchmark programs work on: small pages, each with a
 * pattern of its own number, so that a wrong page is seen.
 */
#ifndef BENCH_REGION_H
#define BENCH_REGION_H

#include <stddef.h>
#include <stdint.h>

enum {
	REGION_PAGE = 4096,
};

struct region {
	char *base;
	size_t pages;
};

/* Maps and fills it; ends the program if there is no memory. */
void region_make(struct region *region, size_t pages);

/* The first word of a page: its pattern, never written again. */
static inline volatile uint64_t *region_word(const struct region *region, size_t page)
{
	return (volatile uint64_t *)(region->base + page * REGION_PAGE);
}

static inline uint64_t region_pattern(size_t page)
{
	return page * 0x9e3779b97f4a7c15ULL + 1;
}

/* Ends the program if a page is not what it was. */
void region_check(const struct region *region, size_t page);

/* Nanoseconds since some moment; instructions under tests/vm/run --icount. */
uint64_t region_now(void);

#endif
