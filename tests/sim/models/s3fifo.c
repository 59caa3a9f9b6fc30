// SPDX-License-Identifier: GPL-2.0-only
/*
 * S3-FIFO, Algorithm 1 of J. Yang, Y. Zhang, Z. Qiu, Y. Yue, R. Vinayak, "FIFO Queues are All You
 * Need for Cache Eviction", SOSP 2023, with counters that an accessed bit can feed: they count to
 * 1, so 1 is enough to leave S for M, and a page that moves starts from 0.
 *
 * S may have a tenth of the pages that are there, the one that has just arrived included; G has
 * nine tenths as many places, which are given up in the order in which they were taken.  As long
 * as there is room nothing is looked at, and a use in that time counts as arrival.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

struct s3fifo {
	struct queue small, main;
	struct queue_place *places;
	bool *used;
	uint32_t *ghost; /* a ring; QUEUE_NONE for a page that came back */
	uint32_t *ghost_place; /* by page; QUEUE_NONE if it is not in the ring */
	uint32_t ghosts, next_ghost;
	uint32_t small_target;
};

static void insert_ghost(struct s3fifo *s3, uint32_t page)
{
	uint32_t *place = &s3->ghost[s3->next_ghost];

	if (*place != QUEUE_NONE)
		s3->ghost_place[*place] = QUEUE_NONE;
	*place = page;
	s3->ghost_place[page] = s3->next_ghost;
	s3->next_ghost = (s3->next_ghost + 1) % s3->ghosts;
}

static bool take_ghost(struct s3fifo *s3, uint32_t page)
{
	uint32_t place = s3->ghost_place[page];

	if (place == QUEUE_NONE)
		return false;
	s3->ghost[place] = QUEUE_NONE;
	s3->ghost_place[page] = QUEUE_NONE;
	return true;
}

/* QUEUE_NONE if all of S moved to M. */
static uint32_t evict_small(struct s3fifo *s3)
{
	while (s3->small.nr) {
		uint32_t page = queue_take_first(&s3->small, s3->places);

		if (!s3->used[page]) {
			insert_ghost(s3, page);
			return page;
		}
		s3->used[page] = false;
		queue_add_last(&s3->main, s3->places, page);
	}
	return QUEUE_NONE;
}

static uint32_t evict_main(struct s3fifo *s3)
{
	while (s3->main.nr) {
		uint32_t page = queue_take_first(&s3->main, s3->places);

		if (!s3->used[page])
			return page;
		s3->used[page] = false;
		queue_add_last(&s3->main, s3->places, page);
	}
	return QUEUE_NONE;
}

static uint32_t evict(struct s3fifo *s3)
{
	uint32_t page = QUEUE_NONE;

	while (page == QUEUE_NONE)
		page = s3->small.nr && (s3->small.nr >= s3->small_target || !s3->main.nr) ?
			       evict_small(s3) :
			       evict_main(s3);
	return page;
}

static void setup(struct s3fifo *s3, const struct model_run *run)
{
	uint32_t there = run->frames + 1;

	*s3 = (struct s3fifo){
		.places = queue_places(run->trace->pages),
		.used = model_memory(run->trace->pages, sizeof(bool)),
		.ghost_place = model_memory(run->trace->pages, sizeof(uint32_t)),
		.ghosts = there * 9 / 10,
		.small_target = there / 10,
	};
	s3->ghost = model_memory(s3->ghosts, sizeof(uint32_t));
	for (uint32_t i = 0; i < s3->ghosts; i++)
		s3->ghost[i] = QUEUE_NONE;
	for (uint32_t i = 0; i < run->trace->pages; i++)
		s3->ghost_place[i] = QUEUE_NONE;
	queue_init(&s3->small);
	queue_init(&s3->main);
}

static uint64_t misses(const struct model_run *run)
{
	struct s3fifo s3;
	uint64_t missed = 0;
	bool full = false;

	setup(&s3, run);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (s3.places[page].queue) {
			s3.used[page] = full;
			continue;
		}
		missed++;
		s3.used[page] = false;
		queue_add_last(take_ghost(&s3, page) ? &s3.main : &s3.small, s3.places, page);
		if (s3.small.nr + s3.main.nr > run->frames) {
			full = true;
			model_evict(run, evict(&s3));
		}
	}
	free(s3.ghost);
	free(s3.ghost_place);
	free(s3.used);
	free(s3.places);
	return missed;
}

const struct model model_s3fifo = { "s3fifo", misses };
