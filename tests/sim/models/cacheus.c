// SPDX-License-Identifier: GPL-2.0-only
/*
 * CACHEUS: L. V. Rodriguez et al., "Learning Cache Replacement with CACHEUS", FAST 2021, with exact
 * times and numbers of all uses: no page table hides any. What the paper leaves open, such as how
 * SR and R fill up, is as the authors' program has it; but a page that comes back from a history
 * has the use that brought it back counted.
 */
#include <math.h>

#include "memory.h"
#include "model.h"
#include "queue.h"
#include "random.h"

#define WEIGHT_LEAST 0.01
#define RATE_LEAST 0.001
#define IN_VAIN 10

struct page {
	uint64_t used; /* the number of the reference */
	uint64_t uses;
	bool is_new, demoted;
};

struct cacheus {
	struct queue_place *places;
	struct page *pages;
	uint32_t nr, size;
	struct queue sr, r, h_lru, h_lfu;
	uint64_t r_limit;
	uint64_t demoted, new_left;
	double w_lru;
	double rate, rate_now, rate_before, rate_first;
	uint64_t hits;
	double hits_before;
	uint32_t no_hits, fewer_hits;
	struct random random;
};

static double thousandths(double x)
{
	return round(x * 1000) / 1000;
}

static void stray(struct cacheus *c)
{
	if (c->rate >= 1)
		c->rate = 0.9;
	else if (c->rate <= RATE_LEAST)
		c->rate = 0.005;
	else if (random_below(&c->random, 2))
		c->rate = fmin(c->rate * 1.25, 1);
	else
		c->rate = fmax(c->rate * 0.75, RATE_LEAST);
}

static void end_period(struct cacheus *c)
{
	double hits = thousandths((double)c->hits / c->size);
	double change = thousandths(hits - c->hits_before);
	double step = thousandths(c->rate_now) - thousandths(c->rate_before);

	if (change * step > 0) {
		c->rate = fmin(c->rate + c->rate * fabs(step), 1);
		c->no_hits = c->fewer_hits = 0;
	} else if (change * step < 0) {
		c->rate = fmax(c->rate - c->rate * fabs(step), RATE_LEAST);
		c->no_hits = c->fewer_hits = 0;
	} else if (change <= 0) {
		c->no_hits += change < 0 || hits <= 0;
		c->fewer_hits += change < 0;
		if (c->no_hits >= IN_VAIN) {
			c->rate = c->rate_first;
			c->no_hits = 0;
		} else if (change < 0 && c->fewer_hits >= IN_VAIN) {
			c->rate = c->rate_first;
			c->fewer_hits = 0;
		} else if (change < 0) {
			stray(c);
		}
	}
	c->rate_before = c->rate_now;
	c->rate_now = c->rate;
	c->hits_before = hits;
	c->hits = 0;
}

static void limit_r(struct cacheus *c)
{
	while (c->r.nr && c->r.nr >= c->r_limit) {
		uint32_t page = queue_take_first(&c->r, c->places);

		c->pages[page].demoted = true;
		c->demoted++;
		queue_add_last(&c->sr, c->places, page);
	}
}

/* So that R is one page at most smaller than all, or larger than none. */
static void resize(struct cacheus *c, bool grow_r)
{
	double new_left = (double)c->new_left, demoted = (double)c->demoted;
	double ratio = grow_r ? new_left / fmax(1, demoted) : demoted / fmax(1, new_left);
	uint64_t by = (uint64_t)fmax(1, floor(ratio + 0.5));

	if (grow_r)
		c->r_limit = c->r_limit + by < c->size ? c->r_limit + by : c->size - 1;
	else
		c->r_limit = c->r_limit > by + 1 ? c->r_limit - by : 1;
}

static void hit(struct cacheus *c, uint32_t page)
{
	struct page *x = &c->pages[page];
	bool in_sr = c->places[page].queue == &c->sr;

	c->hits++;
	queue_remove(c->places, page);
	if (in_sr && x->demoted) {
		resize(c, true);
		x->demoted = false;
		c->demoted--;
	}
	if (in_sr)
		limit_r(c);
	queue_add_last(&c->r, c->places, page);
}

static void regret(struct cacheus *c, bool lru)
{
	double w_lfu = 1 - c->w_lru;

	if (lru)
		c->w_lru *= exp(-c->rate);
	else
		w_lfu *= exp(-c->rate);
	c->w_lru /= c->w_lru + w_lfu;
	c->w_lru = fmin(fmax(c->w_lru, WEIGHT_LEAST), 1 - WEIGHT_LEAST);
}

static uint32_t rarest(const struct cacheus *c)
{
	uint32_t lfu = c->nr;

	for (uint32_t i = 0; i < c->nr; i++) {
		const struct queue *queue = c->places[i].queue;
		const struct page *page = &c->pages[i];

		if (queue != &c->sr && queue != &c->r)
			continue;
		if (lfu == c->nr || page->uses < c->pages[lfu].uses ||
		    (page->uses == c->pages[lfu].uses && page->used > c->pages[lfu].used))
			lfu = i;
	}
	return lfu;
}

static void remember(struct cacheus *c, struct queue *history, uint32_t page)
{
	if (history == &c->h_lru)
		c->new_left += c->pages[page].is_new;
	if (history->nr >= c->size / 2 && history->nr) {
		uint32_t forgotten = queue_take_first(history, c->places);

		if (history == &c->h_lru)
			c->new_left -= c->pages[forgotten].is_new;
	}
	queue_add_last(history, c->places, page);
}

static uint32_t evict(struct cacheus *c)
{
	uint32_t lfu = rarest(c), lru = c->sr.nr ? c->sr.first : lfu;
	bool by_lru = random_unit(&c->random) < c->w_lru;
	uint32_t gone = by_lru ? lru : lfu;

	queue_remove(c->places, gone);
	if (c->pages[gone].demoted) {
		c->pages[gone].demoted = false;
		c->demoted--;
	}
	if (lru != lfu)
		remember(c, by_lru ? &c->h_lru : &c->h_lfu, gone);
	return gone;
}

static void miss(struct cacheus *c, uint32_t page, const struct model_run *run)
{
	struct queue *history = c->places[page].queue;
	struct page *x = &c->pages[page];

	if (history) {
		queue_remove(c->places, page);
		if (history == &c->h_lru && x->is_new) {
			c->new_left--;
			x->is_new = false;
			resize(c, false);
		}
		regret(c, history == &c->h_lru);
	} else {
		x->uses = 0;
	}
	if (c->sr.nr + c->r.nr >= c->size)
		model_evict(run, evict(c));
	if (!history && c->r.nr + 1 < c->r_limit && !c->sr.nr) {
		x->is_new = false;
		queue_add_last(&c->r, c->places, page);
		return;
	}
	if (!history)
		x->is_new = true;
	queue_add_last(history ? &c->r : &c->sr, c->places, page);
	limit_r(c);
}

static uint64_t misses(const struct model_run *run)
{
	uint32_t sr = (uint32_t)fmax(1, round(run->frames / 100.0));
	struct cacheus c = {
		.places = queue_places(run->trace->pages),
		.pages = model_memory(run->trace->pages, sizeof(*c.pages)),
		.nr = run->trace->pages,
		.size = run->frames,
		.r_limit = run->frames > sr ? run->frames - sr : 1,
		.w_lru = 0.5,
		.rate = sqrt(2 * log(2) / run->frames),
	};
	uint64_t missed = 0;

	c.rate_now = c.rate;
	c.rate_first = fmin(fmax(c.rate, RATE_LEAST), 1);
	queue_init(&c.sr);
	queue_init(&c.r);
	queue_init(&c.h_lru);
	queue_init(&c.h_lfu);
	random_seed(&c.random, 1);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;
		const struct queue *queue = c.places[page].queue;

		if (queue == &c.sr || queue == &c.r) {
			hit(&c, page);
		} else {
			missed++;
			miss(&c, page, run);
		}
		c.pages[page].used = i;
		c.pages[page].uses++;
		if ((i + 1) % c.size == 0)
			end_period(&c);
	}
	free(c.places);
	free(c.pages);
	return missed;
}

const struct model model_cacheus = { "cacheus", misses };
