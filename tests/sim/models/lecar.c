// SPDX-License-Identifier: GPL-2.0-only
/*
 * LeCaR: G. Vietri et al., "Driving Cache Replacement with ML-based LeCaR", HotStorage 2018,
 * Algorithms 1 and 2, in the paper's names, with exact times and numbers of all uses: no page table
 * hides any.  Each history has as many places as there are pages; time is counted in misses.
 */
#include <math.h>

#include "memory.h"
#include "model.h"
#include "random.h"

#define LEARNING_RATE 0.45
#define DISCOUNT 0.005
#define WEIGHT_LEAST 0.01

enum where {
	NOWHERE,
	THERE,
	IN_H_LRU,
	IN_H_LFU
};

struct page {
	enum where where;
	uint64_t used; /* the number of the reference */
	uint64_t uses;
	uint64_t left;
};

static void update_weight(double *w_lru, const struct page *q, uint64_t t, uint32_t n)
{
	double r = pow(pow(DISCOUNT, 1.0 / n), (double)(t - q->left)), w_lfu = 1 - *w_lru;

	if (q->where == IN_H_LRU)
		w_lfu *= exp(LEARNING_RATE * r);
	else
		*w_lru *= exp(LEARNING_RATE * r);
	*w_lru /= *w_lru + w_lfu;
	*w_lru = fmin(fmax(*w_lru, WEIGHT_LEAST), 1 - WEIGHT_LEAST);
}

static void find(const struct page *pages, uint32_t nr, uint32_t *lru, uint32_t *lfu)
{
	*lru = nr;
	*lfu = nr;
	for (uint32_t i = 0; i < nr; i++) {
		const struct page *page = &pages[i];

		if (page->where != THERE)
			continue;
		if (*lru == nr || page->used < pages[*lru].used)
			*lru = i;
		if (*lfu == nr || page->uses < pages[*lfu].uses ||
		    (page->uses == pages[*lfu].uses && page->used < pages[*lfu].used))
			*lfu = i;
	}
}

static uint32_t evict(struct page *pages, uint32_t nr, uint64_t t, bool by_lru)
{
	uint32_t lru, lfu, gone;

	find(pages, nr, &lru, &lfu);
	gone = by_lru ? lru : lfu;
	pages[gone].where = lru == lfu ? NOWHERE : by_lru ? IN_H_LRU : IN_H_LFU;
	pages[gone].left = t;
	return gone;
}

static uint64_t misses(const struct model_run *run)
{
	uint32_t n = run->frames, there = 0;
	struct page *pages = model_memory(run->trace->pages, sizeof(*pages));
	double w_lru = 0.5;
	uint64_t t = 0;
	struct random random;

	random_seed(&random, 1);
	for (size_t i = 0; i < run->trace->nr; i++) {
		struct page *q = &pages[run->trace->reference[i].page];

		if (q->where != THERE) {
			t++;
			if (q->where != NOWHERE && t - q->left <= n)
				update_weight(&w_lru, q, t, n);
			else
				q->uses = 0;
			if (there++ == n) {
				there--;
				model_evict(run, evict(pages, run->trace->pages, t,
						       random_unit(&random) < w_lru));
			}
		}
		q->where = THERE;
		q->used = i;
		q->uses++;
	}
	free(pages);
	return t;
}

const struct model model_lecar = { "lecar", misses };
