// SPDX-License-Identifier: GPL-2.0-only
/* The kill test: no process may ever see a byte of one that died with its pages in flight. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "kill.h"
#include "region.h"
#include "report.h"

#define STEPS_A_BYTE 16u /* page visits between two signs of progress */

struct victim {
	pid_t pid;
	int progress;
};

static _Noreturn void victim_main(const struct kill_test *k, uint64_t seed, int progress)
{
	static struct actor a;
	uint32_t pages;

	region_create(k->size / k->processes / HUGE_PAGES / PAGE_BYTES * HUGE_PAGES * PAGE_BYTES,
		      seed);
	actor_init(&a, 0, seed, false);
	child_begin(&a, "kill-test");
	pages = region_pages();
	if (k->broken)
		region_page(pages / 2)->word[1] = a.owner;
	/* The first round finds what a fresh mapping contains, the rest is load. */
	for (uint32_t i = 0;; i++) {
		uint32_t index = i < pages ? i : rng_below(&a.rng, pages);

		page_verify(&a, index, true);
		if (rng_next(&a.rng) & 1 || i < pages)
			page_rewrite(&a, index);
		if (i % STEPS_A_BYTE == 0 && write(progress, "", 1) != 1)
			_exit(EXIT_SETUP);
	}
}

static void victim_start(const struct kill_test *k, struct victim *v, uint64_t seed)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		bad_setup("pipe: %s", strerror(errno));
	v->pid = fork();
	if (!v->pid)
		victim_main(k, seed, ends[1]);
	if (v->pid < 0)
		bad_setup("fork: %s", strerror(errno));
	close(ends[1]);
	v->progress = ends[0];
}

/* Lets it make some progress, so that it dies while it works, not while it starts. */
static uint64_t victim_kill(struct victim *v, uint32_t steps)
{
	uint64_t made = 0;
	int status;
	char byte;

	while (made < steps && read(v->progress, &byte, 1) == 1)
		made += STEPS_A_BYTE;
	kill(v->pid, SIGKILL);
	if (waitpid(v->pid, &status, 0) < 0)
		die_errno("waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_WRONG)
		_exit(EXIT_WRONG);
	if (made < steps)
		die("kill-test: a process ended by itself (wait status %#x)", (unsigned)status);
	close(v->progress);
	return made;
}

int kill_test(const struct kill_test *k)
{
	struct victim *victims = calloc(k->processes, sizeof(*victims));
	uint32_t pages = (uint32_t)(k->size / k->processes / PAGE_BYTES);
	double end = clock_seconds() + k->seconds, line = clock_seconds() + PROGRESS_SECONDS;
	uint64_t killed = 0, steps = 0;
	struct rng rng;

	if (!victims)
		bad_setup("out of memory");
	rng_seed(&rng, k->seed, 0);
	for (unsigned int i = 0; i < k->processes; i++)
		victim_start(k, &victims[i], rng_next(&rng));
	while (clock_seconds() < end) {
		struct victim *v = &victims[rng_below(&rng, k->processes)];

		steps += victim_kill(v, 1 + rng_below(&rng, pages + pages / 2));
		victim_start(k, v, rng_next(&rng));
		killed++;
		if (!k->quiet && clock_seconds() >= line) {
			fprintf(stderr, "torture: %llu processes killed, %llu page visits\n",
				(unsigned long long)killed, (unsigned long long)steps);
			line += PROGRESS_SECONDS;
		}
	}
	for (unsigned int i = 0; i < k->processes; i++)
		steps += victim_kill(&victims[i], 1);
	killed += k->processes;
	free(victims);
	printf("torture: kill-test ok: killed=%llu visits=%llu\n", (unsigned long long)killed,
	       (unsigned long long)steps);
	return EXIT_RIGHT;
}
