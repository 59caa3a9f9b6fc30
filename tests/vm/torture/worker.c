// SPDX-License-Identifier: GPL-2.0-only
/* Workers: random visits to random pages, with a hot window that moves. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "region.h"
#include "report.h"
#include "worker.h"

#define MAX_RUN 8u
#define HOT_VISITS 4096u /* visits until the hot window moves */

struct worker {
	struct actor actor;
	pthread_t thread;
	uint64_t last_steps;
	uint32_t hot;
	_Atomic uint64_t visits, rewrites, patches, bumps;
	_Atomic double longest;
};

static struct worker *workers;
static unsigned int count;
static atomic_bool stopping;
static pthread_barrier_t filled;

/* One page in 16 is left for a first touch in the middle of the load. */
static void worker_fill(struct worker *w)
{
	w->actor.doing = "fill";
	for (uint32_t i = w->actor.number; i < region_pages(); i += count) {
		struct slice s = { .first = i, .count = 1 };

		if (i % 16 == 7)
			continue;
		slice_lock(&s, true);
		page_rewrite(&w->actor, i);
		slice_unlock(&s);
		w->actor.steps++;
	}
}

/* Half of the visits go everywhere, half to an eighth of the region. */
static uint32_t worker_pick(struct worker *w)
{
	uint32_t pages = region_pages();

	if (w->visits % HOT_VISITS == 0)
		w->hot = rng_below(&w->actor.rng, pages);
	if (rng_next(&w->actor.rng) & 1)
		return rng_below(&w->actor.rng, pages);
	return (w->hot + rng_below(&w->actor.rng, pages / 8)) % pages;
}

static void worker_write(struct worker *w, uint32_t index)
{
	uint32_t kind = rng_below(&w->actor.rng, 4);

	/*
	 * Without a look first, the write itself is what faults the page in. A patch always looks:
	 * on a wrong page it would hide what was wrong.
	 */
	if (kind)
		page_verify(&w->actor, index, true);
	if (kind < 2) {
		page_rewrite(&w->actor, index);
		w->rewrites++;
	} else {
		page_patch_in_place(&w->actor, index);
		w->patches++;
	}
}

static void worker_visit(struct worker *w)
{
	struct slice s = { .first = worker_pick(w), .count = 1 };
	uint32_t kind = rng_below(&w->actor.rng, 16);

	if (kind < 8) {
		/* A run of reads keeps clean copies alive and looks like a scan. */
		if (kind == 0)
			s.count = 1 + rng_below(&w->actor.rng, MAX_RUN);
		if (s.first + s.count > region_pages())
			s.count = 1;
		slice_lock(&s, false);
		slice_verify(&w->actor, &s);
	} else if (kind < 10) {
		slice_lock(&s, false);
		if (page_bump(s.first))
			w->bumps++;
	} else {
		slice_lock(&s, true);
		worker_write(w, s.first);
	}
	slice_unlock(&s);
	w->visits++;
	w->actor.steps++;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	worker_fill(w);
	pthread_barrier_wait(&filled);
	w->actor.doing = "worker";
	while (!stopping) {
		double begin = clock_seconds(), took;

		worker_visit(w);
		took = clock_seconds() - begin;
		if (took > w->longest)
			w->longest = took;
	}
	return NULL;
}

static void *final_main(void *arg)
{
	struct worker *w = arg;

	w->actor.doing = "final pass";
	for (uint32_t i = w->actor.number; i < region_pages(); i += count) {
		page_verify(&w->actor, i, true);
		w->actor.steps++;
	}
	return NULL;
}

static void spawn_all(void *(*main)(void *))
{
	for (unsigned int i = 0; i < count; i++) {
		if (pthread_create(&workers[i].thread, NULL, main, &workers[i]))
			bad_setup("cannot create a thread");
	}
}

static void join_all(void)
{
	for (unsigned int i = 0; i < count; i++)
		pthread_join(workers[i].thread, NULL);
}

void workers_start(unsigned int threads, uint64_t seed)
{
	workers = calloc(threads, sizeof(*workers));
	if (!workers)
		bad_setup("out of memory");
	count = threads;
	for (unsigned int i = 0; i < count; i++)
		actor_init(&workers[i].actor, i, seed, false);
	pthread_barrier_init(&filled, NULL, count + 1);
	spawn_all(worker_main);
	pthread_barrier_wait(&filled);
}

void workers_stop(void)
{
	stopping = true;
	join_all();
}

void workers_final_pass(void)
{
	spawn_all(final_main);
	join_all();
}

struct worker_counts workers_counts(void)
{
	struct worker_counts sum = { 0 };

	for (unsigned int i = 0; i < count; i++) {
		sum.visits += workers[i].visits;
		sum.rewrites += workers[i].rewrites;
		sum.patches += workers[i].patches;
		sum.bumps += workers[i].bumps;
		sum.verified += workers[i].actor.verified;
		if (workers[i].longest > sum.longest)
			sum.longest = workers[i].longest;
	}
	return sum;
}

void workers_report_stuck(void)
{
	for (unsigned int i = 0; i < count; i++) {
		uint64_t steps = workers[i].actor.steps;

		if (steps == workers[i].last_steps)
			fprintf(stderr, "torture: worker %u has not moved (%s)\n", i,
				workers[i].actor.doing);
		workers[i].last_steps = steps;
	}
}
