// SPDX-License-Identifier: GPL-2.0-only
/*
 * LRU-2: E. J. O'Neil, P. E. O'Neil, G. Weikum, "The LRU-K Page Replacement Algorithm For Database
 * Disk Buffering", SIGMOD 1993, Figure 2.1, in the paper's names, with exact times of all uses: no
 * page table hides any.  Time is counted in misses; the Correlated Reference Period is that of a
 * twentieth as many as pages are there, the Retained Information Period that of three times as many.
 */
#include "memory.h"
#include "model.h"

struct hist {
	uint64_t hist[2]; /* the last uncorrelated use, and the one before; 0 for none */
	uint64_t last;
	bool there;
};

static void hit(struct hist *p, uint64_t t, uint64_t crp)
{
	if (t - p->last > crp) {
		/* A period of correlated uses counts as one moment. */
		p->hist[1] = p->hist[0] + (p->last - p->hist[0]);
		p->hist[0] = t;
	}
	p->last = t;
}

static void fetch(struct hist *p, uint64_t t, uint64_t rip)
{
	bool retained = p->last && t - p->last <= rip;

	p->hist[1] = retained ? p->hist[0] : 0;
	p->hist[0] = t;
	p->last = t;
	p->there = true;
}

/* Whether p is to leave rather than q. */
static bool sooner(const struct hist *p, const struct hist *q)
{
	return p->hist[1] != q->hist[1] ? p->hist[1] < q->hist[1] : p->last < q->last;
}

static uint32_t victim(const struct hist *pages, uint32_t nr, uint64_t t, uint64_t crp)
{
	uint32_t chosen = nr, oldest = nr;

	for (uint32_t i = 0; i < nr; i++) {
		if (!pages[i].there)
			continue;
		if (oldest == nr || pages[i].last < pages[oldest].last)
			oldest = i;
		if (t - pages[i].last > crp && (chosen == nr || sooner(&pages[i], &pages[chosen])))
			chosen = i;
	}
	return chosen == nr ? oldest : chosen;
}

static uint64_t misses(const struct model_run *run)
{
	struct hist *pages = model_memory(run->trace->pages, sizeof(*pages));
	uint64_t missed = 0, crp = run->frames / 20, rip = run->frames * 3ULL;
	uint32_t there = 0;

	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (pages[page].there) {
			hit(&pages[page], missed, crp);
			continue;
		}
		missed++;
		fetch(&pages[page], missed, rip);
		if (there++ == run->frames) {
			uint32_t gone = victim(pages, run->trace->pages, missed, crp);

			pages[gone].there = false;
			there--;
			model_evict(run, gone);
		}
	}
	free(pages);
	return missed;
}

const struct model model_lruk = { "lruk", misses };
