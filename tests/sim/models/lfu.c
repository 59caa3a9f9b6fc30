// SPDX-License-Identifier: GPL-2.0-only
/*
 * LFU with dynamic aging: M. Arlitt, L. Cherkasova, J. Dilley, R. Friedrich, T. Jin, "Evaluating
 * Content Management Techniques for Web Proxy Caches", 2000.  A page's key is the number of its
 * uses plus L; the page with the least key leaves, of equal ones the one that has had it for
 * longest, and L becomes that key.
 *
 * Uses are counted when the page with the least key comes up: if its accessed bit is set then it
 * gets one more use, of 14 at most, and with it a new key.  Arrival is the first use.  As long as
 * there is room nothing is looked at, and a use in that time belongs to the arrival.
 */
#include "memory.h"
#include "model.h"

#define USES_MAX 14

struct key {
	uint64_t worth;
	uint64_t since; /* the number of the key: the smaller, the longer it has been held */
	uint32_t page;
	uint32_t uses;
};

struct lfu {
	struct key *heap; /* the least on top */
	uint32_t nr;
	uint64_t level;
	uint64_t keys;
	bool *local, *used;
};

static bool less(const struct key *a, const struct key *b)
{
	return a->worth != b->worth ? a->worth < b->worth : a->since < b->since;
}

static void push(struct lfu *lfu, uint32_t page, uint32_t uses)
{
	struct key key = { lfu->level + uses, lfu->keys++, page, uses };
	uint32_t at = lfu->nr++;

	while (at && less(&key, &lfu->heap[(at - 1) / 2])) {
		lfu->heap[at] = lfu->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	lfu->heap[at] = key;
}

static struct key pop(struct lfu *lfu)
{
	struct key top = lfu->heap[0], last = lfu->heap[--lfu->nr];
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < lfu->nr) {
		if (child + 1 < lfu->nr && less(&lfu->heap[child + 1], &lfu->heap[child]))
			child++;
		if (less(&last, &lfu->heap[child]))
			break;
		lfu->heap[at] = lfu->heap[child];
		at = child;
	}
	lfu->heap[at] = last;
	return top;
}

static uint32_t evict(struct lfu *lfu)
{
	for (;;) {
		struct key least = pop(lfu);

		lfu->level = least.worth;
		if (!lfu->used[least.page]) {
			lfu->local[least.page] = false;
			return least.page;
		}
		lfu->used[least.page] = false;
		push(lfu, least.page, least.uses < USES_MAX ? least.uses + 1 : USES_MAX);
	}
}

static uint64_t misses(const struct model_run *run)
{
	struct lfu lfu = {
		.heap = model_memory(run->frames + 1, sizeof(struct key)),
		.local = model_memory(run->trace->pages, sizeof(bool)),
		.used = model_memory(run->trace->pages, sizeof(bool)),
	};
	uint64_t missed = 0;
	bool full = false;

	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (lfu.local[page]) {
			lfu.used[page] = full;
			continue;
		}
		missed++;
		lfu.local[page] = true;
		lfu.used[page] = false;
		push(&lfu, page, 1);
		if (lfu.nr > run->frames) {
			full = true;
			model_evict(run, evict(&lfu));
		}
	}
	free(lfu.heap);
	free(lfu.local);
	free(lfu.used);
	return missed;
}

const struct model model_lfu = { "lfu", misses };
