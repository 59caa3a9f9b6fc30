// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "kernel/memory.h"

void memory_parse(FILE *meminfo, struct memory *memory)
{
	char line[128];
	uint64_t kib;

	memset(memory, 0, sizeof(*memory));
	while (fgets(line, sizeof(line), meminfo)) {
		if (sscanf(line, "MemTotal: %" SCNu64, &kib) == 1)
			memory->total = kib << 10;
		else if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1)
			memory->available = kib << 10;
		else if (sscanf(line, "SwapCached: %" SCNu64, &kib) == 1)
			memory->swap_cached = kib << 10;
	}
}

void swap_areas_parse(FILE *swaps, struct swap_areas *areas)
{
	char line[512];

	areas->nr = 0;
	while (areas->nr < MOST_SWAP_AREAS && fgets(line, sizeof(line), swaps)) {
		struct swap_area *area = &areas->area[areas->nr];

		/* The first line has names of columns where others have numbers. */
		if (sscanf(line, "%255s %*s %" SCNu64 " %" SCNu64, area->path, &area->size,
			   &area->used) != 3)
			continue;
		area->size <<= 10;
		area->used <<= 10;
		areas->nr++;
	}
}

void memory_read(struct memory *memory)
{
	FILE *stream = fopen("/proc/meminfo", "re");

	memset(memory, 0, sizeof(*memory));
	if (!stream)
		return;
	memory_parse(stream, memory);
	fclose(stream);
}

void swap_areas_read(struct swap_areas *areas)
{
	FILE *stream = fopen("/proc/swaps", "re");

	areas->nr = 0;
	if (!stream)
		return;
	swap_areas_parse(stream, areas);
	fclose(stream);
}
