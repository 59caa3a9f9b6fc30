// SPDX-License-Identifier: GPL-2.0-only
/* First in, first out. */
#include "memory.h"
#include "model.h"
#include "queue.h"

static uint64_t misses(const struct model_run *run)
{
	struct queue_place *places = queue_places(run->trace->pages);
	struct queue local;
	uint64_t missed = 0;

	queue_init(&local);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (places[page].queue)
			continue;
		missed++;
		queue_add_last(&local, places, page);
		if (local.nr > run->frames)
			model_evict(run, queue_take_first(&local, places));
	}
	free(places);
	return missed;
}

const struct model model_fifo = { "fifo", misses };
