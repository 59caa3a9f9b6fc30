/* SPDX-License-Identifier: GPL-2.0-only */
/* The pseudo-random numbers of the torture program: small, seeded, the same on every machine. */
#ifndef TORTURE_RNG_H
#define TORTURE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

/* The splitmix64 finaliser: every bit of the input changes about half of the output. */
static inline uint64_t mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ull;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static inline void rng_seed(struct rng *r, uint64_t seed, uint64_t stream)
{
	r->state = mix64(seed + 0x9e3779b97f4a7c15ull * (stream + 1));
}

static inline uint64_t rng_next(struct rng *r)
{
	r->state += 0x9e3779b97f4a7c15ull;
	return mix64(r->state);
}

static inline uint32_t rng_below(struct rng *r, uint32_t bound)
{
	return (uint32_t)(((rng_next(r) >> 32) * bound) >> 32);
}

#endif
