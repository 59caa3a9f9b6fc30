// SPDX-License-Identifier: GPL-2.0-only
/*
 * CFLRU: S. Park, D. Jung, J. Kang, J. Kim, J. Lee, "CFLRU: A Replacement Algorithm for Flash
 * Memory", CASES 2006: of the clean-first region, the w pages at the end of the LRU list, the last
 * clean page leaves, and if there is none the last page of the list.  w is a quarter of the pages
 * that are there with the one that has just arrived.
 *
 * The list is a clock, as accessed bits allow it: a page whose bit is set when the search meets it
 * loses the bit and starts again, and is not of the region.  A page without a copy elsewhere is
 * dirty.  As long as there is room nothing is looked at, and a use in that time counts as arrival.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

struct cflru {
	struct queue queue;
	struct queue_place *places;
	bool *referenced, *clean;
	uint32_t w;
};

static bool second_chance(struct cflru *cflru, uint32_t page)
{
	if (!cflru->referenced[page])
		return false;
	cflru->referenced[page] = false;
	queue_remove(cflru->places, page);
	queue_add_last(&cflru->queue, cflru->places, page);
	return true;
}

static uint32_t evict(struct cflru *cflru)
{
	uint32_t page = cflru->queue.first, dirty = 0, nr = cflru->queue.nr;

	while (dirty < cflru->w && nr--) {
		uint32_t next = cflru->places[page].next;

		if (!second_chance(cflru, page)) {
			if (cflru->clean[page])
				break;
			dirty++;
		}
		page = next == QUEUE_NONE ? cflru->queue.first : next;
	}
	if (dirty == cflru->w || nr == UINT32_MAX) {
		page = cflru->queue.first;
		while (second_chance(cflru, page))
			page = cflru->queue.first;
	}
	queue_remove(cflru->places, page);
	return page;
}

static uint64_t misses(const struct model_run *run)
{
	struct cflru cflru = {
		.places = queue_places(run->trace->pages),
		.referenced = model_memory(run->trace->pages, sizeof(bool)),
		.clean = model_memory(run->trace->pages, sizeof(bool)),
		.w = (run->frames + 1) / 4,
	};
	uint64_t missed = 0;
	bool full = false;

	queue_init(&cflru.queue);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (run->trace->reference[i].write)
			cflru.clean[page] = false;
		if (cflru.places[page].queue) {
			cflru.referenced[page] = full;
			continue;
		}
		missed++;
		queue_add_last(&cflru.queue, cflru.places, page);
		cflru.referenced[page] = false;
		if (cflru.queue.nr > run->frames) {
			uint32_t victim;

			full = true;
			victim = evict(&cflru);
			cflru.clean[victim] = true;
			model_evict(run, victim);
		}
	}
	free(cflru.places);
	free(cflru.referenced);
	free(cflru.clean);
	return missed;
}

const struct model model_cflru = { "cflru", misses };
