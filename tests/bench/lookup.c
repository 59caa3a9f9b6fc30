// SPDX-License-Identifier: GPL-2.0-only
/*
 * lookup - cross sections of materials at random energies
 *
 *	lookup [--points N] [--seconds N] [--threads N]
 *	       [--memory-max FILE --limit BYTES]
 *
 * The kernel of Monte Carlo neutron transport, after the description of XSBench (Tramm et al.,
 * 2014): each of 34 nuclides has a grid of N energies with five cross sections; one grid unites all
 * energies and says for each where it lies in every nuclide's. A lookup draws an energy and one of
 * twelve materials, finds the energy by binary search, and adds up the cross sections of the
 * material's nuclides, interpolated.
 *
 * The limit on the local memory is set when the grids are built. Prints one JSON object: lookups a
 * second, and quantiles of the time of one. The checksum is over all grids as they are after the
 * lookups, and over the results of a fixed number of further ones.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "random.h"
#include "region.h"
#include "threads.h"
#include "work.h"

enum {
	NUCLIDES = 34,
	SECTIONS = 5,
	MATERIALS = 12,
	FIXED_LOOKUPS = 500,
};

struct point {
	double energy;
	double section[SECTIONS];
};

struct worker {
	uint64_t random;
	struct histogram steps;
};

/* XSBench's small problem: the nuclides of each material, and how often it is met, in thousandths. */
static const struct {
	unsigned int nuclides;
	unsigned int often;
} materials[MATERIALS] = {
	{ 34, 140 }, { 5, 52 },	 { 4, 275 }, { 4, 134 }, { 27, 154 }, { 21, 64 },
	{ 21, 66 },  { 21, 55 }, { 21, 8 },  { 21, 15 }, { 9, 25 },   { 9, 12 },
};

static unsigned long points = 4096; /* of each nuclide */
static uint64_t united_points;
static struct point *grids; /* one nuclide's after the other */
static double *united;
static uint32_t (*where)[NUCLIDES]; /* the last point of each nuclide at or below the energy */
static atomic_bool ended;

static struct point *grid(unsigned int nuclide)
{
	return grids + nuclide * points;
}

static void build(void)
{
	uint64_t random = 0x9e3779b97f4a7c15ULL;
	uint32_t at[NUCLIDES] = { 0 };

	united_points = points * NUCLIDES;
	grids = work_array(united_points, sizeof(*grids));
	united = work_array(united_points, sizeof(*united));
	where = work_array(united_points, sizeof(*where));
	for (unsigned int nuclide = 0; nuclide < NUCLIDES; nuclide++) {
		double energy = 0;

		for (unsigned long i = 0; i < points; i++) {
			energy += random_unit(&random) + 1e-9;
			grid(nuclide)[i].energy = energy;
			for (unsigned int s = 0; s < SECTIONS; s++)
				grid(nuclide)[i].section[s] = random_unit(&random);
		}
		for (unsigned long i = 0; i < points; i++)
			grid(nuclide)[i].energy /= energy;
	}
	/* Merged: the nuclide whose next energy is the lowest goes on. */
	for (uint64_t i = 0; i < united_points; i++) {
		unsigned int lowest = NUCLIDES;

		for (unsigned int nuclide = 0; nuclide < NUCLIDES; nuclide++) {
			where[i][nuclide] = at[nuclide] ? at[nuclide] - 1 : 0;
			if (at[nuclide] < points &&
			    (lowest == NUCLIDES ||
			     grid(nuclide)[at[nuclide]].energy < grid(lowest)[at[lowest]].energy))
				lowest = nuclide;
		}
		united[i] = grid(lowest)[at[lowest]].energy;
		where[i][lowest] = at[lowest]++;
	}
}

static uint64_t find(double energy)
{
	uint64_t low = 0, high = united_points - 1;

	while (high - low > 1) {
		uint64_t middle = (low + high) / 2;

		if (united[middle] > energy)
			high = middle;
		else
			low = middle;
	}
	return low;
}

static unsigned int draw_material(uint64_t *random)
{
	unsigned int left = random_mix(random_next(random)) % 1000, material = 0;

	while (left >= materials[material].often) {
		left -= materials[material].often;
		material++;
	}
	return material;
}

/* The number of the largest cross section, from 1: what XSBench verifies by, too. */
static unsigned int lookup(uint64_t *random)
{
	double energy = random_unit(random), sum[SECTIONS] = { 0 };
	unsigned int material = draw_material(random), largest = 0;
	uint64_t at = find(energy);

	for (unsigned int i = 0; i < materials[material].nuclides; i++) {
		unsigned int nuclide = (material * 7 + i) % NUCLIDES;
		uint32_t low = where[at][nuclide];
		const struct point *below, *above;
		double share;

		if (low > points - 2)
			low = (uint32_t)(points - 2);
		below = grid(nuclide) + low;
		above = below + 1;
		share = (above->energy - energy) / (above->energy - below->energy);
		for (unsigned int s = 0; s < SECTIONS; s++)
			sum[s] +=
				above->section[s] - share * (above->section[s] - below->section[s]);
	}
	for (unsigned int s = 1; s < SECTIONS; s++)
		if (sum[s] > sum[largest])
			largest = s;
	return largest + 1;
}

static void *work(void *arg)
{
	struct worker *me = arg;
	unsigned int sum = 0;

	while (!atomic_load_explicit(&ended, memory_order_relaxed)) {
		uint64_t begin = region_now();

		sum += lookup(&me->random);
		histogram_add(&me->steps, region_now() - begin);
	}
	/* No result is 0, so the compiler must compute them. */
	return sum ? NULL : me;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	static struct histogram steps;
	static struct threads running;
	unsigned long seconds = 3, threads = 1;
	uint64_t begin, random = 1, checksum;
	const char *memory_max = NULL, *limit = NULL;
	const struct bench_option options[] = {
		{ .name = "points", .number = &points, .most = 1U << 24 },
		{ .name = "seconds", .number = &seconds, .most = 3600 },
		{ .name = "threads", .number = &threads, .most = THREADS_MAX },
		{ .name = "memory-max", .text = &memory_max },
		{ .name = "limit", .text = &limit },
	};

	options_read(argc, argv, options, sizeof(options) / sizeof(*options));
	if (points < 2) {
		fprintf(stderr, "lookup: --points is %lu; it must be at least 2\n", points);
		return EXIT_FAILURE;
	}
	build();
	work_limit(memory_max, limit);

	for (unsigned long i = 0; i < threads; i++)
		workers[i].random = random_mix(i + 1);
	begin = region_now();
	threads_start(&running, work, workers, sizeof(*workers), threads);
	threads_wait(seconds);
	atomic_store(&ended, true);
	threads_join(&running);
	begin = region_now() - begin;

	for (unsigned long i = 0; i < threads; i++)
		histogram_merge(&steps, &workers[i].steps);
	checksum = work_sum(0, grids, united_points * sizeof(*grids));
	checksum = work_sum(checksum, united, united_points * sizeof(*united));
	checksum = work_sum(checksum, where, united_points * sizeof(*where));
	for (unsigned int i = 0; i < FIXED_LOOKUPS; i++)
		checksum = random_mix(checksum ^ lookup(&random));
	work_report("lookups/s", histogram_count(&steps), begin, &steps, checksum);
	return EXIT_SUCCESS;
}
