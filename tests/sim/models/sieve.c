// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIEVE, Algorithm 1 of Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, R. Vinayak, "SIEVE is Simpler
 * than LRU", NSDI 2024: the hand goes from the tail (oldest) to the head (newest); what was
 * visited loses its mark and keeps its place, the first that was not leaves.
 *
 * As long as there is room nothing is looked at, and so a use in that time is taken for a part of
 * the arrival of its page, which is no visit.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

struct sieve {
	struct queue queue; /* the oldest first */
	struct queue_place *places;
	bool *visited;
	uint32_t hand; /* QUEUE_NONE for the oldest */
};

static uint32_t evict(struct sieve *sieve)
{
	uint32_t at = sieve->hand == QUEUE_NONE ? sieve->queue.first : sieve->hand;

	while (sieve->visited[at]) {
		sieve->visited[at] = false;
		at = sieve->places[at].next;
		if (at == QUEUE_NONE)
			at = sieve->queue.first;
	}
	sieve->hand = sieve->places[at].next;
	queue_remove(sieve->places, at);
	return at;
}

static uint64_t misses(const struct model_run *run)
{
	struct sieve sieve = {
		.places = queue_places(run->trace->pages),
		.visited = model_memory(run->trace->pages, sizeof(bool)),
		.hand = QUEUE_NONE,
	};
	uint64_t missed = 0;
	bool full = false;

	queue_init(&sieve.queue);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (sieve.places[page].queue) {
			sieve.visited[page] = full;
			continue;
		}
		missed++;
		queue_add_last(&sieve.queue, sieve.places, page);
		sieve.visited[page] = false;
		if (sieve.queue.nr > run->frames) {
			full = true;
			model_evict(run, evict(&sieve));
		}
	}
	free(sieve.visited);
	free(sieve.places);
	return missed;
}

const struct model model_sieve = { "sieve", misses };
