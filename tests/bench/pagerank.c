// SPDX-License-Identifier: GPL-2.0-only
/*
 * pagerank - PageRank on a Kronecker graph
 *
 *	pagerank [--scale N] [--degree N] [--iterations N] [--threads N]
 *		 [--memory-max FILE --limit BYTES]
 *
 * After the description of the GAP benchmark suite (Beamer, Asanovic, Patterson, 2015): 2^scale
 * vertices in a random order; scale times degree edges drawn by recursive quarters of the adjacency
 * matrix with probabilities .57, .19, .19, .05, kept in both directions; the neighbours of a vertex
 * side by side; each rank pulled from the neighbours' (damping .85).
 *
 * The limit on the local memory is set when the graph is built. Prints one JSON object: edges a
 * second over all iterations, and quantiles of the time that 64 vertices take. The checksum is
 * over the graph and the ranks. As each rank is one thread's sum in a fixed order, it is the same
 * whatever the limit and the number of threads.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "random.h"
#include "region.h"
#include "threads.h"
#include "work.h"

enum {
	STEP = 64, /* vertices */
};

struct worker {
	struct histogram steps;
};

static unsigned long scale = 18;
static uint64_t vertices, edges;
static uint64_t *first; /* of each vertex' neighbours; one more at the end */
static uint32_t *neighbours;
static float *ranks, *shares;
static atomic_uint_fast64_t next_step;

/* Quarters in units of 1/65536: a, a + b, a + b + c. */
#define QUARTER_A 37356
#define QUARTER_B 49807
#define QUARTER_C 62259

/* A permutation of the vertices: the heavy ones are not neighbours in memory. */
static uint32_t scatter(uint32_t vertex)
{
	uint32_t mask = (uint32_t)(vertices - 1);

	vertex = vertex * 0x9e3779b1U & mask;
	vertex ^= vertex >> (scale + 1) / 2;
	return vertex * 0x85ebca6bU & mask;
}

/* Both ends of an edge; the same whenever asked, so that the edges need not be kept. */
static void edge(uint64_t number, uint32_t *from, uint32_t *to)
{
	uint64_t random = 0;
	uint32_t row = 0, column = 0;

	for (unsigned int bit = 0; bit < scale; bit++) {
		unsigned int quarter;

		random = bit % 4 ? random >> 16 : random_mix(number * 8 + bit / 4 + 1);
		quarter = random & 0xffff;
		row = row << 1 | (quarter >= QUARTER_B);
		column = column << 1 |
			 (quarter >= QUARTER_C || (quarter >= QUARTER_A && quarter < QUARTER_B));
	}
	*from = scatter(row);
	*to = scatter(column);
}

static void build(void)
{
	uint32_t from, to;

	first = work_array(vertices + 1, sizeof(*first));
	neighbours = work_array(edges * 2, sizeof(*neighbours));
	ranks = work_array(vertices, sizeof(*ranks));
	shares = work_array(vertices, sizeof(*shares));
	for (uint64_t i = 0; i < edges; i++) {
		edge(i, &from, &to);
		first[from]++;
		first[to]++;
	}
	/* From counts to the ends of the rows; filling them from the end leaves the beginnings. */
	for (uint64_t i = 1; i <= vertices; i++)
		first[i] += first[i - 1];
	for (uint64_t i = 0; i < edges; i++) {
		edge(i, &from, &to);
		neighbours[--first[from]] = to;
		neighbours[--first[to]] = from;
	}
}

static void *pull(void *arg)
{
	struct worker *me = arg;
	const float base = 0.15F / (float)vertices;
	uint64_t vertex;

	while ((vertex = atomic_fetch_add(&next_step, 1) * STEP) < vertices) {
		uint64_t begin = region_now();

		for (uint64_t end = vertex + STEP; vertex < end; vertex++) {
			float sum = 0;

			for (uint64_t i = first[vertex]; i < first[vertex + 1]; i++)
				sum += shares[neighbours[i]];
			ranks[vertex] = base + 0.85F * sum;
		}
		histogram_add(&me->steps, region_now() - begin);
	}
	return NULL;
}

static void iterate(struct worker *workers, unsigned long threads)
{
	static struct threads helpers;

	for (uint64_t i = 0; i < vertices; i++) {
		uint64_t degree = first[i + 1] - first[i];

		shares[i] = degree ? ranks[i] / (float)degree : 0;
	}
	atomic_store(&next_step, 0);
	threads_start(&helpers, pull, workers + 1, sizeof(*workers), threads - 1);
	pull(workers);
	threads_join(&helpers);
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	static struct histogram steps;
	unsigned long degree = 16, iterations = 5, threads = 1;
	uint64_t checksum, begin;
	const char *memory_max = NULL, *limit = NULL;
	const struct bench_option options[] = {
		{ .name = "scale", .number = &scale, .most = 30 },
		{ .name = "degree", .number = &degree, .most = 1024 },
		{ .name = "iterations", .number = &iterations, .most = 10000 },
		{ .name = "threads", .number = &threads, .most = THREADS_MAX },
		{ .name = "memory-max", .text = &memory_max },
		{ .name = "limit", .text = &limit },
	};

	options_read(argc, argv, options, sizeof(options) / sizeof(*options));
	if (scale < 7) {
		fprintf(stderr, "pagerank: --scale is %lu; it must be at least 7\n", scale);
		return EXIT_FAILURE;
	}
	vertices = 1ULL << scale;
	edges = vertices * degree;
	build();
	for (uint64_t i = 0; i < vertices; i++)
		ranks[i] = 1.0F / (float)vertices;
	work_limit(memory_max, limit);

	begin = region_now();
	for (unsigned long i = 0; i < iterations; i++)
		iterate(workers, threads);
	begin = region_now() - begin;

	for (unsigned long i = 0; i < threads; i++)
		histogram_merge(&steps, &workers[i].steps);
	checksum = work_sum(0, first, (vertices + 1) * sizeof(*first));
	checksum = work_sum(checksum, neighbours, edges * 2 * sizeof(*neighbours));
	checksum = work_sum(checksum, ranks, vertices * sizeof(*ranks));
	work_report("edges/s", edges * 2 * iterations, begin, &steps, checksum);
	return EXIT_SUCCESS;
}
