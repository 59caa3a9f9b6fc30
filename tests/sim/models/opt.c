// SPDX-License-Identifier: GPL-2.0-only
/*
 * Belady's optimum (L. A. Belady, "A Study of Replacement Algorithms for a Virtual-Storage
 * Computer", 1966): the page that is used again the latest leaves.  The page just brought in may
 * be the one, since a policy may choose so too: no policy misses less.
 */
#include "memory.h"
#include "model.h"

#define NEVER SIZE_MAX

struct use {
	size_t next; /* index of the page's next reference */
	uint32_t page;
};

/* A heap of uses, the latest on top; those that are out of date are skipped when they come up. */
struct heap {
	struct use *use;
	size_t nr;
};

static void heap_push(struct heap *heap, struct use use)
{
	size_t at = heap->nr++;

	while (at && heap->use[(at - 1) / 2].next < use.next) {
		heap->use[at] = heap->use[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap->use[at] = use;
}

static struct use heap_pop(struct heap *heap)
{
	struct use top = heap->use[0], last = heap->use[--heap->nr];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < heap->nr) {
		if (child + 1 < heap->nr && heap->use[child].next < heap->use[child + 1].next)
			child++;
		if (heap->use[child].next <= last.next)
			break;
		heap->use[at] = heap->use[child];
		at = child;
	}
	heap->use[at] = last;
	return top;
}

/* By reference, the index of the next one to the same page. */
static size_t *next_uses(const struct trace *trace)
{
	size_t *next = model_memory(trace->nr, sizeof(*next));
	size_t *seen = model_memory(trace->pages, sizeof(*seen));

	for (uint32_t page = 0; page < trace->pages; page++)
		seen[page] = NEVER;
	for (size_t i = trace->nr; i-- > 0;) {
		next[i] = seen[trace->reference[i].page];
		seen[trace->reference[i].page] = i;
	}
	free(seen);
	return next;
}

static uint64_t misses(const struct model_run *run)
{
	const struct trace *trace = run->trace;
	size_t *next = next_uses(trace);
	size_t *due = model_memory(trace->pages, sizeof(*due)); /* of local pages; else 0 */
	struct heap heap = { .use = model_memory(trace->nr, sizeof(struct use)) };
	uint64_t missed = 0;
	uint32_t local = 0;

	for (size_t i = 0; i < trace->nr; i++) {
		uint32_t page = trace->reference[i].page;

		if (!due[page]) {
			missed++;
			local++;
		}
		due[page] = next[i];
		heap_push(&heap, (struct use){ next[i], page });
		while (local > run->frames) {
			struct use last = heap_pop(&heap);

			if (due[last.page] != last.next)
				continue;
			due[last.page] = 0;
			local--;
			model_evict(run, last.page);
		}
	}
	free(heap.use);
	free(due);
	free(next);
	return missed;
}

const struct model model_opt = { "opt", misses };
