/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes policies at random: what is in a table, and what goes with it. */
#ifndef GENERATED_MAKE_H
#define GENERATED_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "table.h"

/* What is wrong with a policy; one that has none of it is innocent, and has to stay. */
enum sin {
	SIN_ERROR, /* it gives up */
	SIN_ANSWER, /* numbers out of range */
	SIN_TWICE, /* picks a page twice */
	SIN_BY_NUMBER, /* picks numbers that it has from anywhere */
	SIN_NOTHING, /* may pick nothing while pages are there */
	SIN_BUDGET, /* goes on when its budget is spent */
	SIN_INIT, /* does not start */
	SIN_UNKNOWN, /* its source was made: nobody knows what it does */
	SINS
};

struct made {
	struct table table;
	uint32_t callbacks; /* bits: those that it has */
	uint32_t sins; /* bits */
	uint64_t flags; /* enum mage_ops_flags */
	uint32_t loops; /* most rounds of a loop, in ROUNDS */
};

/* What a policy is depends on these numbers alone; @loops is a multiple of ROUNDS. */
void make_policy(struct made *m, uint64_t seed, uint64_t number, uint32_t loops);

/* What there is to know of one that was compiled. */
void make_compiled(struct made *m);

const char *sin_name(enum sin sin);

#endif
