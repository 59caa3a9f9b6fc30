// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second chance (Corbato 1968): the hand goes round the frames; a page that was used since it
 * passed last is let be and its bit is cleared, the first other one leaves.  The new page takes
 * the place just behind the hand.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

static uint64_t misses(const struct model_run *run)
{
	struct queue_place *places = queue_places(run->trace->pages);
	bool *used = model_memory(run->trace->pages, sizeof(*used));
	struct queue round; /* the first is the one that the hand points at */
	uint64_t missed = 0;

	queue_init(&round);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		used[page] = true;
		if (places[page].queue)
			continue;
		missed++;
		queue_add_last(&round, places, page);
		while (round.nr > run->frames) {
			uint32_t at = queue_take_first(&round, places);

			if (used[at])
				queue_add_last(&round, places, at);
			else
				model_evict(run, at);
			used[at] = false;
		}
	}
	free(used);
	free(places);
	return missed;
}

const struct model model_clock = { "clock", misses };
