/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers for the benchmark programs: the same ones in every run.
 */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdint.h>

/* The next number; the state must not be 0 (Marsaglia, "Xorshift RNGs", 2003). */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

/* A number that looks random and depends on @x alone: the finaliser of MurmurHash3. */
static inline uint64_t random_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

/* At least 0 and less than 1. */
static inline double random_unit(uint64_t *state)
{
	return (double)(random_next(state) >> 11) * 0x1p-53;
}

#endif
