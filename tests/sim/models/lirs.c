// SPDX-License-Identifier: GPL-2.0-only
/*
 * LIRS: S. Jiang, X. Zhang, "LIRS: An Efficient Low Inter-reference Recency Set Replacement Policy
 * to Improve Buffer Cache Performance", SIGMETRICS 2002, section 3, with the stack S and the list
 * Q of the paper; S has no limit.  Lhirs is a hundredth of the pages that are there with the one
 * that has just arrived, one at least, and one more as a page arrives before another one leaves.
 *
 * Accessed bits tell of uses late: of a LIR page when it is at the bottom of S and would become
 * HIR, of a resident HIR page when it is at the front of Q.  HIR pages of which that says that they
 * become LIR are in S at once, and the same number of LIR pages leaves it before Q is asked for
 * the next victim.  As long as there is room nothing is looked at, and a use in that time counts
 * as arrival.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

enum status {
	FAR,
	HIR,
	LIR
};

struct lirs {
	struct queue s, q; /* the first is the bottom of S, and the front of Q */
	struct queue_place *in_s, *in_q;
	uint8_t *status;
	bool *referenced;
	uint32_t lirs, llirs;
};

static void to_top_of_s(struct lirs *lirs, uint32_t page)
{
	if (lirs->in_s[page].queue)
		queue_remove(lirs->in_s, page);
	queue_add_last(&lirs->s, lirs->in_s, page);
}

static void to_end_of_q(struct lirs *lirs, uint32_t page)
{
	if (lirs->in_q[page].queue)
		queue_remove(lirs->in_q, page);
	queue_add_last(&lirs->q, lirs->in_q, page);
}

static void become_lir(struct lirs *lirs, uint32_t page)
{
	if (lirs->in_q[page].queue)
		queue_remove(lirs->in_q, page);
	lirs->status[page] = LIR;
	lirs->lirs++;
}

static void prune(struct lirs *lirs)
{
	while (lirs->s.nr && lirs->status[lirs->s.first] != LIR)
		queue_take_first(&lirs->s, lirs->in_s);
}

static void bottom_becomes_hir(struct lirs *lirs)
{
	uint32_t page = lirs->s.first;

	while (lirs->referenced[page]) {
		lirs->referenced[page] = false;
		to_top_of_s(lirs, page);
		prune(lirs);
		page = lirs->s.first;
	}
	queue_remove(lirs->in_s, page);
	lirs->status[page] = HIR;
	lirs->lirs--;
	to_end_of_q(lirs, page);
	prune(lirs);
}

static uint32_t evict(struct lirs *lirs)
{
	for (;;) {
		uint32_t page;

		while (lirs->lirs > lirs->llirs)
			bottom_becomes_hir(lirs);
		for (page = lirs->q.first; page != QUEUE_NONE; page = lirs->q.first) {
			bool in_s = lirs->in_s[page].queue;

			if (!lirs->referenced[page]) {
				queue_remove(lirs->in_q, page);
				lirs->status[page] = FAR;
				return page;
			}
			lirs->referenced[page] = false;
			to_top_of_s(lirs, page);
			if (in_s)
				become_lir(lirs, page);
			else
				to_end_of_q(lirs, page);
		}
	}
}

static void arrive(struct lirs *lirs, uint32_t page)
{
	bool in_s = lirs->in_s[page].queue;

	lirs->referenced[page] = false;
	to_top_of_s(lirs, page);
	if (in_s || lirs->lirs < lirs->llirs) {
		become_lir(lirs, page);
	} else {
		lirs->status[page] = HIR;
		to_end_of_q(lirs, page);
	}
}

static void setup(struct lirs *lirs, const struct model_run *run)
{
	uint32_t there = run->frames + 1;
	uint32_t lhirs = (there / 100 ? there / 100 : 1) + 1;

	*lirs = (struct lirs){
		.in_s = queue_places(run->trace->pages),
		.in_q = queue_places(run->trace->pages),
		.status = model_memory(run->trace->pages, sizeof(uint8_t)),
		.referenced = model_memory(run->trace->pages, sizeof(bool)),
		.llirs = there > lhirs ? there - lhirs : 0,
	};
	queue_init(&lirs->s);
	queue_init(&lirs->q);
}

static uint64_t misses(const struct model_run *run)
{
	struct lirs lirs;
	uint64_t missed = 0;
	uint32_t there = 0;
	bool full = false;

	setup(&lirs, run);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (lirs.status[page] != FAR) {
			lirs.referenced[page] = full;
			continue;
		}
		missed++;
		arrive(&lirs, page);
		if (++there > run->frames) {
			full = true;
			there--;
			model_evict(run, evict(&lirs));
		}
	}
	free(lirs.in_s);
	free(lirs.in_q);
	free(lirs.status);
	free(lirs.referenced);
	return missed;
}

const struct model model_lirs = { "lirs", misses };
