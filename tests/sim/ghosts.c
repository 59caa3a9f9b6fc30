// SPDX-License-Identifier: GPL-2.0-only
/*
 * What policies/ghosts.bpf.h remembers, with more numbers than it has room for. Prints TAP.
 *
 * A ghost that never comes back holds the numbers after it, so that there are as many as may be;
 * then the others must be remembered all the same, and counted as they are.
 */
#include <stdio.h>

#include "ghosts.bpf.h"

#define BATCH 32
#define HELD 64
#define BATCHES (4 * GHOSTS_MAX / BATCH)

static struct ghosts ghosts;
static u32 results;

static void result(bool good, const char *what)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", ++results, what);
}

static u64 bits_set(void)
{
	u64 nr = 0;

	for (u32 i = 0; i < GHOSTS_BITS / 64; i++)
		nr += __builtin_popcountll(ghosts.bits[i]);
	return nr;
}

/* A batch of which one in so many does not come back; returns how many were not remembered. */
static u32 leave(u32 batch)
{
	u32 number[BATCH], lost = 0;

	for (u32 i = 0; i < BATCH; i++)
		number[i] = ghosts_add(&ghosts);
	ghosts_trim(NULL, &ghosts, 2 * GHOSTS_MAX);
	for (u32 i = 0; i < BATCH; i++) {
		bool there = ghosts_have(&ghosts, number[i]);

		lost += !there;
		if (there && (i || batch % HELD))
			ghosts_take(&ghosts, number[i]);
	}
	return lost;
}

int main(void)
{
	u32 forgotten, lost = 0;
	u64 nr;

	printf("1..5\n");
	for (u32 i = 0; i < BATCHES; i++)
		lost += leave(i);
	result(!lost, "each ghost is remembered when it has just left");
	if (lost)
		printf("# %u of %u were not\n", lost, BATCHES * BATCH);
	nr = bits_set();
	result(ghosts.nr == nr, "as many are counted as there are");
	if (ghosts.nr != nr)
		printf("# %llu instead of %llu\n", (unsigned long long)ghosts.nr,
		       (unsigned long long)nr);
	/* The first of the last GHOSTS_MAX numbers is forgotten, and is one that did not come back.
	 */
	result(nr == GHOSTS_MAX / BATCH / HELD - 1,
	       "those of the last numbers that did not come back");

	for (u32 i = 0; i < GHOSTS_MAX / GHOSTS_FORGET_MAX + 1; i++)
		ghosts_trim(NULL, &ghosts, 0);
	result(!ghosts.nr && !bits_set(), "all are forgotten when none may be remembered");

	ghosts.forgotten = ghosts.last;
	ghosts_add(&ghosts);
	ghosts_add(&ghosts);
	forgotten = ghosts_forgotten(&ghosts);
	result(ghosts_forget(&ghosts, forgotten) && !ghosts_forget(&ghosts, forgotten) &&
		       ghosts.nr == 1,
	       "two that forget the same number forget one");
	return 0;
}
