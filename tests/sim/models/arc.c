// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARC as accessed bits allow it, which is CAR: Figure 2 of S. Bansal, D. S. Modha, "CAR: Clock
 * with Adaptive Replacement", FAST 2004, in the paper's names.  c is the number of pages that are
 * there with the one that has just arrived, and the steps of p are whole numbers.
 *
 * As a page arrives before another one leaves, the part of the figure that lets it in comes first
 * (lines 12 to 20), then the directory gives up pages (7 to 10), then replace().  As long as there
 * is room nothing is looked at, and a use in that time counts as arrival.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

struct car {
	struct queue t1, t2, b1, b2;
	struct queue_place *places;
	bool *referenced;
	uint32_t c, p;
};

static uint32_t step(uint32_t of, uint32_t by)
{
	return of / by > 1 ? of / by : 1;
}

static void arrive(struct car *car, uint32_t x)
{
	struct queue *ghost = car->places[x].queue;

	car->referenced[x] = false;
	if (!ghost) {
		queue_add_last(&car->t1, car->places, x);
		return;
	}
	if (ghost == &car->b1) {
		car->p += step(car->b2.nr, car->b1.nr);
		if (car->p > car->c)
			car->p = car->c;
	} else {
		uint32_t less = step(car->b1.nr, car->b2.nr);

		car->p = car->p > less ? car->p - less : 0;
	}
	queue_remove(car->places, x);
	queue_add_last(&car->t2, car->places, x);
}

static void discard(struct car *car)
{
	if (car->t1.nr + car->b1.nr > car->c)
		queue_take_first(&car->b1, car->places);
	else if (car->t1.nr + car->t2.nr + car->b1.nr + car->b2.nr > 2 * car->c)
		queue_take_first(&car->b2, car->places);
}

static uint32_t replace(struct car *car)
{
	for (;;) {
		bool recent = car->t1.nr >= (car->p > 1 ? car->p : 1);
		uint32_t head = queue_take_first(recent ? &car->t1 : &car->t2, car->places);

		if (!car->referenced[head]) {
			queue_add_last(recent ? &car->b1 : &car->b2, car->places, head);
			return head;
		}
		car->referenced[head] = false;
		queue_add_last(&car->t2, car->places, head);
	}
}

static uint64_t misses(const struct model_run *run)
{
	struct car car = {
		.places = queue_places(run->trace->pages),
		.referenced = model_memory(run->trace->pages, sizeof(bool)),
		.c = run->frames + 1,
	};
	uint64_t missed = 0;
	bool full = false;

	queue_init(&car.t1);
	queue_init(&car.t2);
	queue_init(&car.b1);
	queue_init(&car.b2);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t x = run->trace->reference[i].page;
		const struct queue *on = car.places[x].queue;

		if (on == &car.t1 || on == &car.t2) {
			car.referenced[x] = full;
			continue;
		}
		missed++;
		arrive(&car, x);
		if (car.t1.nr + car.t2.nr > run->frames) {
			full = true;
			discard(&car);
			model_evict(run, replace(&car));
		}
	}
	free(car.referenced);
	free(car.places);
	return missed;
}

const struct model model_arc = { "arc", misses };
