/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that repeat: G. Marsaglia, "Xorshift RNGs", 2003, with a multiplication. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return random->state * 0x2545f4914f6cdd1dULL;
}

static inline void random_seed(struct random *random, uint64_t seed)
{
	/* Any number but 0; small seeds are spread first. */
	random->state = (seed + 1) * 0x9e3779b97f4a7c15ULL;
	if (!random->state)
		random->state = 1;
	random_next(random);
}

/* From 0 to below @limit. */
static inline uint32_t random_below(struct random *random, uint32_t limit)
{
	return (uint32_t)(((random_next(random) >> 32) * limit) >> 32);
}

/* From 0 to below 1. */
static inline double random_unit(struct random *random)
{
	return (double)(random_next(random) >> 11) / 9007199254740992.0;
}

#endif
