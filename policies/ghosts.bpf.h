/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is remembered of pages that left, in the order in which they did, for policies that forget
 * one when it comes back or when there are too many.
 *
 * Ghosts are numbered, and a bit tells for each number whether it is remembered still. A policy
 * keeps the number in the low half of a frame's word 1, which outlives the page. The highest bit
 * of it is the policy's own.
 */
#ifndef _GHOSTS_BPF_H
#define _GHOSTS_BPF_H

#include "mage.bpf.h"

/* The last so many numbers may be remembered. */
#define GHOSTS_MAX (1 << 20)
/* More bits than that: a new number must not have that of one that is yet to be forgotten. */
#define GHOSTS_BITS (2 * GHOSTS_MAX)
#define GHOST_NUMBER ((1U << 31) - 1)

/* Numbers that one call forgets. */
#define GHOSTS_FORGET_MAX (2 * MAGE_WALK_BUDGET)

struct ghosts {
	u32 last; /* number of the last one */
	u32 forgotten; /* up to that number all are forgotten */
	u64 nr; /* remembered now */
	u64 bits[GHOSTS_BITS / 64];
};

/* Forgets one of the last numbers; false if it was forgotten before. */
static bool ghosts_take_bit(struct ghosts *ghosts, u32 number)
{
	u64 bit = 1ULL << (number % 64);

	if (!(__sync_fetch_and_and(&ghosts->bits[number % GHOSTS_BITS / 64], ~bit) & bit))
		return false;
	__sync_fetch_and_add(&ghosts->nr, -1ULL);
	return true;
}

/* A number of long ago is another's now. */
static bool ghosts_have(const struct ghosts *ghosts, u32 number)
{
	return ((ghosts->last - number) & GHOST_NUMBER) < GHOSTS_MAX &&
	       ghosts->bits[number % GHOSTS_BITS / 64] & 1ULL << (number % 64);
}

/* Forgets one; false if it was forgotten before. */
static bool ghosts_take(struct ghosts *ghosts, u32 number)
{
	return ghosts_have(ghosts, number) && ghosts_take_bit(ghosts, number);
}

static void ghosts_put_bit(struct ghosts *ghosts, u32 number)
{
	u64 bit = 1ULL << (number % 64);

	if (!(__sync_fetch_and_or(&ghosts->bits[number % GHOSTS_BITS / 64], bit) & bit))
		__sync_fetch_and_add(&ghosts->nr, 1);
}

static u32 ghosts_next(struct ghosts *ghosts)
{
	return (__sync_fetch_and_add(&ghosts->last, 1) + 1) & GHOST_NUMBER;
}

static u32 ghosts_add(struct ghosts *ghosts)
{
	u32 number = ghosts_next(ghosts);

	ghosts_put_bit(ghosts, number);
	return number;
}

/* Numbers after one up to which all are forgotten, remembered or not. */
static u32 ghosts_span(const struct ghosts *ghosts, u32 forgotten)
{
	return (ghosts->last - forgotten) & GHOST_NUMBER;
}

/*
 * The number up to which all are forgotten. It is read once, so that what is found out about the
 * next one holds for the one that ghosts_forget() forgets.
 */
static u32 ghosts_forgotten(const struct ghosts *ghosts)
{
	u32 forgotten = ghosts->forgotten;

	barrier_var(forgotten);
	return forgotten;
}

/* Forgets the number after; false if another evictor has, or if it was forgotten before. */
static bool ghosts_forget(struct ghosts *ghosts, u32 forgotten)
{
	return __sync_val_compare_and_swap(&ghosts->forgotten, forgotten, forgotten + 1) ==
		       forgotten &&
	       ghosts_take_bit(ghosts, (forgotten + 1) & GHOST_NUMBER);
}

/* Forgets the ones that left first, until there are no more than so many. */
static __always_inline void ghosts_trim(struct mage_domain *domain, struct ghosts *ghosts, s64 most)
{
	u32 i;

	mage_for (i, 0, GHOSTS_FORGET_MAX) {
		u32 forgotten = ghosts_forgotten(ghosts), span = ghosts_span(ghosts, forgotten);

		if (!span || (span < GHOSTS_MAX && (s64)ghosts->nr <= most))
			break;
		ghosts_forget(ghosts, forgotten);
	}
}

#endif /* _GHOSTS_BPF_H */
