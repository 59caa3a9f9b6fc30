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
#define GHOST_NUMBER ((1U << 31) - 1)

/* Numbers that one call forgets. */
#define GHOSTS_FORGET_MAX (2 * MAGE_WALK_BUDGET)

struct ghosts {
	u32 last; /* number of the last one */
	u32 forgotten; /* up to that number all are forgotten */
	u64 nr; /* remembered now */
	u64 bits[GHOSTS_MAX / 64];
};

/* Forgets one of the last numbers; false if it was forgotten before. */
static bool ghosts_take_bit(struct ghosts *ghosts, u32 number)
{
	u64 bit = 1ULL << (number % 64);

	if (!(__sync_fetch_and_and(&ghosts->bits[number % GHOSTS_MAX / 64], ~bit) & bit))
		return false;
	__sync_fetch_and_add(&ghosts->nr, -1ULL);
	return true;
}

/* A number of long ago is another's now. */
static bool ghosts_have(const struct ghosts *ghosts, u32 number)
{
	return ((ghosts->last - number) & GHOST_NUMBER) < GHOSTS_MAX &&
	       ghosts->bits[number % GHOSTS_MAX / 64] & 1ULL << (number % 64);
}

/* Forgets one; false if it was forgotten before. */
static bool ghosts_take(struct ghosts *ghosts, u32 number)
{
	return ghosts_have(ghosts, number) && ghosts_take_bit(ghosts, number);
}

static void ghosts_put_bit(struct ghosts *ghosts, u32 number)
{
	__sync_fetch_and_or(&ghosts->bits[number % GHOSTS_MAX / 64], 1ULL << (number % 64));
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

/* Numbers that are not forgotten, remembered or not. */
static u32 ghosts_span(const struct ghosts *ghosts)
{
	return (ghosts->last - ghosts->forgotten) & GHOST_NUMBER;
}

/* The number that is to be forgotten next. */
static u32 ghosts_forget(struct ghosts *ghosts)
{
	return (__sync_fetch_and_add(&ghosts->forgotten, 1) + 1) & GHOST_NUMBER;
}

/* Forgets the ones that left first, until there are no more than so many. */
static __always_inline void ghosts_trim(struct mage_domain *domain, struct ghosts *ghosts, s64 most)
{
	u32 i;

	mage_for (i, 0, GHOSTS_FORGET_MAX) {
		u32 span = ghosts_span(ghosts);

		if (!span || (span < GHOSTS_MAX && (s64)ghosts->nr <= most))
			break;
		ghosts_take_bit(ghosts, ghosts_forget(ghosts));
	}
}

#endif /* _GHOSTS_BPF_H */
