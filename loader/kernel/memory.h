/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's memory, and its swap areas of whatever kind. */
#ifndef MAGE_KERNEL_MEMORY_H
#define MAGE_KERNEL_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* In bytes. */
struct memory {
	uint64_t total;
	uint64_t available; /* without swapping out */
	uint64_t swap_cached; /* in memory and in swap */
};

struct swap_area {
	char path[256];
	uint64_t size;
	uint64_t used;
};

#define MOST_SWAP_AREAS 64

struct swap_areas {
	struct swap_area area[MOST_SWAP_AREAS];
	size_t nr;
};

/* From the text of /proc/meminfo and of /proc/swaps; what is not there is 0. */
void memory_parse(FILE *meminfo, struct memory *memory);
void swap_areas_parse(FILE *swaps, struct swap_areas *areas);

/* As they are now. */
void memory_read(struct memory *memory);
void swap_areas_read(struct swap_areas *areas);

#endif
