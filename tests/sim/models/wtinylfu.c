// SPDX-License-Identifier: GPL-2.0-only
/*
 * W-TinyLFU: G. Einziger, R. Friedman, B. Manes, "TinyLFU: A Highly Efficient Cache Admission
 * Policy", ACM Transactions on Storage 13(4), 2017, section 4: a window of a hundredth of the
 * cache, and a main cache of two segments, of which the protected one may have four fifths.
 * Frequencies are exact here, up to 15, and all are halved after ten uses for each page of the
 * cache.
 *
 * The three lists are clocks, as accessed bits allow it: a page whose bit is set when its turn
 * comes gains a use, and goes round in the window and in the protected segment, and from probation
 * to the protected one.  What that segment has too many goes on probation before the next victim is
 * chosen. Until the main cache is full the window's pages go there.  As long as there is room
 * nothing is looked at, and a use in that time counts as arrival.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

#define USES_MAX 15
#define SAMPLE 10

struct tinylfu {
	struct queue window, probation, guarded;
	struct queue_place *places;
	uint8_t *frequency;
	bool *referenced;
	uint32_t pages, c, window_max, main_max;
	uint64_t uses;
};

static void use(struct tinylfu *lfu, uint32_t page)
{
	lfu->frequency[page] += lfu->frequency[page] < USES_MAX;
	lfu->uses++;
}

static void age(struct tinylfu *lfu)
{
	/* The sample is taken to be full when the next victim is looked for. */
	if (lfu->uses < SAMPLE * (uint64_t)(lfu->c + 1))
		return;
	for (uint32_t i = 0; i < lfu->pages; i++)
		lfu->frequency[i] /= 2;
	lfu->uses /= 2;
}

/* The first page that was not used; those that were go to @used.  QUEUE_NONE if all were. */
static uint32_t next_of(struct tinylfu *lfu, struct queue *from, struct queue *used)
{
	for (uint32_t nr = from->nr; nr; nr--) {
		uint32_t page = from->first;

		if (!lfu->referenced[page])
			return page;
		lfu->referenced[page] = false;
		use(lfu, page);
		queue_remove(lfu->places, page);
		queue_add_last(used, lfu->places, page);
	}
	return QUEUE_NONE;
}

static void to_probation(struct tinylfu *lfu, uint32_t page)
{
	queue_remove(lfu->places, page);
	queue_add_last(&lfu->probation, lfu->places, page);
}

static void overflow(struct tinylfu *lfu, struct queue *from, uint32_t most)
{
	while (from->nr > most) {
		uint32_t page = next_of(lfu, from, from);

		/* All were used, and there is no more to be said of them. */
		if (page == QUEUE_NONE)
			return;
		to_probation(lfu, page);
	}
}

static uint32_t evict(struct tinylfu *lfu)
{
	uint32_t candidate, victim;

	overflow(lfu, &lfu->window, lfu->window_max + 1);
	overflow(lfu, &lfu->guarded, lfu->main_max * 80 / 100);
	candidate = next_of(lfu, &lfu->window, &lfu->window);
	victim = next_of(lfu, &lfu->probation, &lfu->guarded);
	if (candidate == QUEUE_NONE ||
	    (victim != QUEUE_NONE && lfu->frequency[candidate] > lfu->frequency[victim])) {
		if (candidate != QUEUE_NONE)
			to_probation(lfu, candidate);
		candidate = victim;
	}
	queue_remove(lfu->places, candidate);
	return candidate;
}

static void setup(struct tinylfu *lfu, const struct model_run *run)
{
	uint32_t pages = run->trace->pages, c = run->frames;

	*lfu = (struct tinylfu){
		.places = queue_places(pages),
		.frequency = model_memory(pages, sizeof(uint8_t)),
		.referenced = model_memory(pages, sizeof(bool)),
		.pages = pages,
		.c = c,
		.window_max = c / 100 ? c / 100 : 1,
	};
	lfu->main_max = c - lfu->window_max;
	queue_init(&lfu->window);
	queue_init(&lfu->probation);
	queue_init(&lfu->guarded);
}

static uint64_t misses(const struct model_run *run)
{
	struct tinylfu lfu;
	uint64_t missed = 0;
	bool full = false;

	setup(&lfu, run);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (lfu.places[page].queue) {
			lfu.referenced[page] = full;
			continue;
		}
		missed++;
		if (lfu.window.nr + lfu.probation.nr + lfu.guarded.nr == lfu.c) {
			full = true;
			age(&lfu);
		}
		queue_add_last(&lfu.window, lfu.places, page);
		lfu.referenced[page] = false;
		use(&lfu, page);
		if (lfu.window.nr + lfu.probation.nr + lfu.guarded.nr > lfu.c)
			model_evict(run, evict(&lfu));
	}
	free(lfu.places);
	free(lfu.frequency);
	free(lfu.referenced);
	return missed;
}

const struct model model_wtinylfu = { "wtinylfu", misses };
