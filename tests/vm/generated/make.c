// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes policies at random.
 *
 * A third of them is innocent by construction: they use everything as the documents let
 * them, with any numbers for what takes any.  The others do one or more things that
 * policies are ejected for, mostly now and then, so that they also do much before.
 */
#include <string.h>

#include "../torture/rng.h"
#include "make.h"

/* Most frames of a walk, and of one in which each frame begins another. */
#define MOST 256u
#define MOST_NESTED 16u
#define MOST_INNER 64u
#define MOST_TOO_MANY 100000u

#define LISTS 16
#define EVERY_CALLBACK ((1u << CALLBACKS) - 1)

const char *sin_name(enum sin sin)
{
	static const char *const names[] = { "error",	"answer", "twice", "by-number",
					     "nothing", "budget", "init",  "unknown" };

	return names[sin];
}

static bool has(const struct made *m, enum sin sin)
{
	return m->sins >> sin & 1;
}

static bool one_in(struct rng *r, uint32_t n)
{
	return !rng_below(r, n);
}

/* Small numbers, page-aligned addresses, limits of types, anything. */
static uint64_t wild(struct rng *r)
{
	switch (rng_below(r, 5)) {
	case 0:
		return rng_below(r, 20);
	case 1:
		return 1ull << rng_below(r, 64);
	case 2:
		return (1ull << rng_below(r, 64)) - 1;
	case 3:
		return rng_next(r) >> rng_below(r, 64);
	default:
		return rng_next(r) & 0x7ffffffff000;
	}
}

static uint8_t list(struct rng *r)
{
	return (uint8_t)(one_in(r, 16) ? rng_below(r, 256) : rng_below(r, LISTS));
}

static void give_number(struct rng *r, struct action *a)
{
	a->chance = (uint8_t)(one_in(r, 2) ? 255 : rng_below(r, 256));
	a->kind = (uint8_t)rng_below(r, NUMBER_KINDS);
	a->list = list(r);
	a->value = wild(r);
}

/* One of what may be done in a place; @end is the first operation that may not. */
static void give_action(const struct made *m, struct rng *r, struct action *a, enum op first,
			enum op end)
{
	give_number(r, a);
	if (one_in(r, 4))
		a->op = (uint8_t)rng_below(r, OP_ANYWHERE_END);
	else
		a->op = (uint8_t)(first + rng_below(r, (uint32_t)(end - first)));
	switch (a->op) {
	case OP_ERROR:
		if (has(m, SIN_ERROR))
			a->chance = (uint8_t)(1 + rng_below(r, 4));
		else
			a->op = OP_NUMBER;
		break;
	case OP_ADD_ID:
		if (!has(m, SIN_BY_NUMBER))
			a->op = OP_DIRTY;
		break;
	case OP_LOOP:
		/* Long ones are not for every page. */
		if (has(m, SIN_BUDGET))
			a->chance = (uint8_t)rng_below(r, 8);
		/* fallthrough */
	case OP_PREFETCH_PAGES:
		a->list = (uint8_t)(1 + rng_below(r, m->loops));
		break;
	case OP_SET_WORD:
		/* The first one tells where an id is remembered. */
		if (m->table.remembers)
			a->list = 1;
		break;
	}
}

static void give_actions(struct made *m, struct rng *r, enum callback callback, enum op first,
			 enum op end)
{
	for (int i = 0; i < ACTIONS; i++)
		give_action(m, r, &m->table.action[callback][i], first, end);
}

static void give_walk(const struct made *m, struct rng *r, struct walk *w, uint32_t most)
{
	static const uint8_t flags[] = { 0, 1, 2, 6 };
	bool added = false;

	w->sample = one_in(r, 3);
	w->list = list(r);
	w->flags = one_in(r, 16) ? (uint8_t)rng_below(r, 256) : flags[rng_below(r, 4)];
	w->most = 1 + rng_below(r, has(m, SIN_BUDGET) ? MOST_TOO_MANY : most);
	for (int i = 0; i < FRAME_ACTIONS; i++) {
		struct action *a = &w->frame[i];

		give_action(m, r, a, one_in(r, 2) ? OP_MOVE : OP_ADD, OP_BATCH_END);
		if (a->op == OP_ADD && added && !has(m, SIN_TWICE))
			a->op = OP_ACCESSED;
		/* A sample may show what is on the list that is picked from. */
		added |= a->op == OP_ADD || a->op == OP_ADD_LIST || a->op == OP_ADD_UNUSED ||
			 a->op == OP_ADD_UNUSED_AROUND;
		/* There are many frames. */
		if (a->op == OP_LOOP)
			a->op = OP_NUMBER;
	}
	w->keep = one_in(r, 2) && (!added || has(m, SIN_TWICE));
}

static void give_nest(const struct made *m, struct rng *r, struct nest *n)
{
	bool nested = one_in(r, 3);

	if (one_in(r, 3))
		return;
	give_walk(m, r, &n->outer, nested ? MOST_NESTED : MOST);
	if (nested)
		give_walk(m, r, &n->inner, MOST_INNER);
	give_action(m, r, &n->after, OP_MOVE, OP_FRAME_END);
	if (has(m, SIN_TWICE) && one_in(r, 2))
		n->after.op = OP_ADD;
	if (n->after.op == OP_LOOP)
		n->after.op = OP_NUMBER;
}

/* @span numbers from @least are right. */
static void give_answer(struct made *m, struct rng *r, enum callback callback, uint64_t least,
			uint64_t span)
{
	struct answer *a = &m->table.answer[callback];

	give_number(r, &a->number);
	a->least = least;
	a->span = one_in(r, 2) ? span : 1 + rng_next(r) % span;
	if (!has(m, SIN_ANSWER) || one_in(r, 2))
		return;
	/* Any number, but as a rule seldom. */
	a->span = one_in(r, 4) ? 0 : span + span / 64 + 1;
}

static void give_sins(struct made *m, struct rng *r)
{
	if (one_in(r, 3))
		return;
	m->sins = 1u << rng_below(r, SIN_UNKNOWN);
	for (int i = 0; i < SIN_INIT; i++)
		if (one_in(r, 5))
			m->sins |= 1u << i;
}

/* Most of them; without exit nobody would know how a policy ended. */
static void give_callbacks(struct made *m, struct rng *r)
{
	m->callbacks = EVERY_CALLBACK;
	for (int i = 0; i < CALLBACKS; i++)
		if (i != CB_EXIT && one_in(r, i == CB_SELECT ? 8 : 4))
			m->callbacks &= ~(1u << i);
	m->table.remembers = one_in(r, 3);
	if (m->table.remembers)
		m->callbacks |= 1u << CB_PAGE_IN | 1u << CB_PAGE_OUT | 1u << CB_SELECT;
	if (has(m, SIN_INIT))
		m->callbacks |= 1u << CB_INIT;
}

static void give_init(struct made *m, struct rng *r)
{
	struct answer *a = &m->table.answer[CB_INIT];

	if (!has(m, SIN_INIT))
		return;
	a->number.chance = 255;
	a->number.kind = NUMBER_VALUE;
	/* An error, or what is none. */
	a->number.value = one_in(r, 2) ? 1 + wild(r) % INT32_MAX : -(1 + wild(r) % 4095);
}

void make_policy(struct made *m, uint64_t seed, uint64_t number, uint32_t loops)
{
	struct rng rng, *r = &rng;

	memset(m, 0, sizeof(*m));
	rng_seed(r, seed, number);
	give_sins(m, r);
	give_callbacks(m, r);
	m->flags = rng_below(r, 4);
	m->loops = has(m, SIN_BUDGET) ? UINT8_MAX : loops / ROUNDS;
	m->table.takes_all = !has(m, SIN_NOTHING);
	for (int i = 0; i < CALLBACKS; i++)
		give_actions(m, r, (enum callback)i, OP_NONE, OP_ANYWHERE_END);
	give_actions(m, r, CB_PAGE_IN, OP_MOVE, OP_FRAME_END);
	give_actions(m, r, CB_PAGE_OUT, OP_MOVE, OP_FRAME_END);
	give_actions(m, r, CB_HINT, OP_MOVE, OP_FRAME_END);
	give_actions(m, r, CB_OUTCOME, OP_MOVE, OP_FRAME_END);
	give_actions(m, r, CB_PREFETCH, OP_PREFETCH_ADDRESS, OP_END);
	give_init(m, r);
	give_answer(m, r, CB_NO_ROOM, 0, 4097);
	give_answer(m, r, CB_EVICTORS, 0, 4097);
	give_answer(m, r, CB_DEPTH, 1, 8);
	give_answer(m, r, CB_HEADROOM, 0, UINT64_MAX - UINT64_MAX / 32);
	give_answer(m, r, CB_BATCH_SIZE, 1, 512);
	give_answer(m, r, CB_RESERVE, 0, 65);
	for (int i = 0; i < 2 * NESTS; i++)
		give_nest(m, r, &m->table.nest[i / NESTS][i % NESTS]);
}

void make_compiled(struct made *m)
{
	*m = (struct made){ .callbacks = EVERY_CALLBACK, .sins = 1u << SIN_UNKNOWN };
}
