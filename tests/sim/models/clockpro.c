// SPDX-License-Identifier: GPL-2.0-only
/*
 * CLOCK-Pro: S. Jiang, F. Chen, X. Zhang, "CLOCK-Pro: An Effective Improvement of the CLOCK
 * Replacement", USENIX ATC 2005, section 4, with one list of all pages, in the paper's names.  m is
 * the number of pages that are there with the one that has just arrived; mc, the cold ones of
 * these, is m / 100 + 1 at first and at least.
 *
 * The list's head, where HAND-hot leaves what it has passed, is its end here.  A page that is
 * neither hot nor on test is in it no more; cold pages that are there have their turn with
 * HAND-cold in the order in which they came to the head, or were passed by HAND-hot as hot ones.
 * HAND-hot runs when HAND-cold is about to.  As long as there is room nothing is looked at, and a
 * use in that time counts as arrival.
 */
#include "memory.h"
#include "model.h"
#include "queue.h"

enum status {
	HOT,
	COLD, /* there */
	FAR
};

struct clockpro {
	struct queue list, turn; /* the last hot page, or what is behind it, is the first */
	struct queue_place *in_list, *in_turn;
	uint8_t *status;
	bool *referenced;
	uint32_t hand_test; /* all before it are hot */
	uint32_t m, mc, hot, far; /* far: not there, but in the list */
};

static void from_list(struct clockpro *pro, uint32_t page)
{
	if (pro->hand_test == page)
		pro->hand_test = pro->in_list[page].next;
	queue_remove(pro->in_list, page);
}

static void to_head(struct clockpro *pro, uint32_t page, enum status status)
{
	queue_add_last(&pro->list, pro->in_list, page);
	if (pro->hand_test == QUEUE_NONE)
		pro->hand_test = page;
	pro->referenced[page] = false;
	pro->status[page] = status;
	if (status == HOT)
		pro->hot++;
	else
		queue_add_last(&pro->turn, pro->in_turn, page);
}

static void end_test(struct clockpro *pro, uint32_t page)
{
	from_list(pro, page);
	pro->far -= pro->status[page] == FAR;
	if (pro->mc > pro->m / 100 + 1)
		pro->mc--;
}

/* A cold page was used, or came back. */
static void use(struct clockpro *pro, uint32_t page)
{
	bool on_test = pro->in_list[page].queue;

	if (on_test) {
		from_list(pro, page);
		pro->mc++;
	}
	to_head(pro, page, on_test ? HOT : COLD);
}

/* The last hot page ends the list. */
static void hand_hot_stops(struct clockpro *pro)
{
	while (pro->hot && pro->status[pro->list.first] != HOT)
		end_test(pro, pro->list.first);
}

static void hand_hot(struct clockpro *pro)
{
	uint32_t page;

	hand_hot_stops(pro);
	page = pro->list.first;
	from_list(pro, page);
	pro->hot--;
	if (pro->referenced[page]) {
		to_head(pro, page, HOT);
	} else {
		pro->status[page] = COLD;
		queue_add_last(&pro->turn, pro->in_turn, page);
	}
}

static void hand_test(struct clockpro *pro)
{
	while (pro->status[pro->hand_test] == HOT)
		pro->hand_test = pro->in_list[pro->hand_test].next;
	end_test(pro, pro->hand_test);
}

static uint32_t evict(struct clockpro *pro)
{
	for (;;) {
		while (pro->hot + pro->mc > pro->m && pro->hot)
			hand_hot(pro);
		hand_hot_stops(pro);
		while (pro->far > pro->m)
			hand_test(pro);
		for (uint32_t nr = pro->turn.nr; nr; nr--) {
			uint32_t page = queue_take_first(&pro->turn, pro->in_turn);

			if (pro->referenced[page]) {
				use(pro, page);
				continue;
			}
			pro->status[page] = FAR;
			pro->far += pro->in_list[page].queue != NULL;
			return page;
		}
	}
}

static void setup(struct clockpro *pro, const struct model_run *run)
{
	uint32_t pages = run->trace->pages, m = run->frames + 1;

	*pro = (struct clockpro){
		.in_list = queue_places(pages),
		.in_turn = queue_places(pages),
		.status = model_memory(pages, sizeof(uint8_t)),
		.referenced = model_memory(pages, sizeof(bool)),
		.hand_test = QUEUE_NONE,
		.m = m,
		.mc = m / 100 + 1,
	};
	queue_init(&pro->list);
	queue_init(&pro->turn);
	for (uint32_t i = 0; i < pages; i++)
		pro->status[i] = FAR;
}

static uint64_t misses(const struct model_run *run)
{
	struct clockpro pro;
	uint64_t missed = 0;
	bool full = false;

	setup(&pro, run);
	for (size_t i = 0; i < run->trace->nr; i++) {
		uint32_t page = run->trace->reference[i].page;

		if (pro.status[page] != FAR) {
			pro.referenced[page] = full;
			continue;
		}
		missed++;
		pro.far -= pro.in_list[page].queue != NULL;
		use(&pro, page);
		if (pro.hot + pro.turn.nr > run->frames) {
			full = true;
			if (pro.mc > pro.m)
				pro.mc = pro.m;
			model_evict(run, evict(&pro));
		}
	}
	free(pro.in_list);
	free(pro.in_turn);
	free(pro.status);
	free(pro.referenced);
	return missed;
}

const struct model model_clockpro = { "clockpro", misses };
