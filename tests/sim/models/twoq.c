// SPDX-License-Identifier: GPL-2.0-only
/*
 * 2Q, full version: T. Johnson, D. Shasha, "2Q: A Low Overhead High Performance Buffer Management
 * Replacement Algorithm", VLDB 1994, Figure 3, in the paper's names.  Kin is a quarter, Kout half
 * of the pages that are there with the one that has just arrived.
 *
 * Am is a clock instead of an LRU list, as accessed bits allow it: a page whose bit is set when it
 * comes to the end loses the bit and starts again.  In A1in a use changes nothing, as in the paper.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

struct twoq {
	struct queue a1in, a1out, am;
	struct queue_place *places;
	bool *referenced;
	uint32_t kin, kout;
};

static uint32_t page_out_of_a1in(struct twoq *q)
{
	uint32_t y = queue_take_first(&q->a1in, q->places);

	queue_add_last(&q->a1out, q->places, y);
	if (q->a1out.nr > q->kout)
		queue_take_first(&q->a1out, q->places);
	return y;
}

static uint32_t page_out_of_am(struct twoq *q)
{
	for (;;) {
		uint32_t y = queue_take_first(&q->am, q->places);

		if (!q->referenced[y])
			return y;
		q->referenced[y] = false;
		queue_add_last(&q->am, q->places, y);
	}
}

static uint64_t misses(const struct model_run *run)
{
	struct twoq q = {
		.places = queue_places(run->trace->pages),
		.referenced = model_memory(run->trace->pages, sizeof(bool)),
		.kin = (run->frames + 1) / 4,
		.kout = (run->frames + 1) / 2,
	};
	uint64_t missed = 0;

	queue_init(&q.a1in);
	queue_init(&q.a1out);
	queue_init(&q.am);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t x = run->trace->reference[i].page;
		const struct queue *on = q.places[x].queue;

		q.referenced[x] = true;
		if (on == &q.a1in || on == &q.am)
			continue;
		missed++;
		if (on)
			queue_remove(q.places, x);
		queue_add_last(on ? &q.am : &q.a1in, q.places, x);
		if (q.a1in.nr + q.am.nr > run->frames)
			model_evict(run,
				    q.a1in.nr > q.kin ? page_out_of_a1in(&q) : page_out_of_am(&q));
	}
	free(q.referenced);
	free(q.places);
	return missed;
}

const struct model model_twoq = { "twoq", misses };
