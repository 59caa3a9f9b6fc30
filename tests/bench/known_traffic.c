// SPDX-License-Identifier: GPL-2.0-only
/*
 * known_traffic - threads of which it is known how many cache lines they make others give up
 *
 *	known_traffic PATTERN ROUNDS
 *
 * Each thread has a CPU of its own. Prints a JSON object for each line that matters: its address
 *and the least and the most transfers that there can be between the markers, by what
 * transfers_plugin.c calls a transfer. Patterns:
 *
 * alternate: two threads write one line in turn. Each turn is a read of what the other wrote and a
 * write that invalidates the other's copy: two transfers.
 * own: two threads read and write a line each: none.
 * broadcast: one thread writes a line in each round, three others read it and say so on lines of
 *their own: a write that invalidates and three reads; and on the line of each a write and a read.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "threads.h"

enum {
	LINE = 64,
	READERS = 3,
	/* Reads and writes a round by a thread that has a line of its own. */
	OWN_ACCESSES = 8,
};

struct line {
	_Alignas(LINE) atomic_ulong word;
};

struct worker {
	unsigned int cpu;
};

/* lines[0] is the line that the first thread writes. */
static struct line lines[READERS + 1];
static struct line ready, ended;
static unsigned long rounds;

static void stay_on(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("known_traffic: a CPU for each thread");
		exit(EXIT_FAILURE);
	}
}

static unsigned long look(struct line *line)
{
	return atomic_load_explicit(&line->word, memory_order_acquire);
}

static void put(struct line *line, unsigned long value)
{
	atomic_store_explicit(&line->word, value, memory_order_release);
}

static void wait_for(struct line *line, unsigned long value)
{
	while (look(line) != value)
		;
}

/* Others say that they are there, after having looked at what they will look at. */
static void begin(unsigned int others)
{
	wait_for(&ready, others);
	marker_begin();
}

static void am_ready(void)
{
	look(&lines[0]);
	atomic_fetch_add(&ready.word, 1);
}

/* The line's value is odd when it is the second thread's turn. */
static void *alternate_second(void *arg)
{
	stay_on(((struct worker *)arg)->cpu);
	am_ready();
	for (unsigned long i = 0; i < rounds; i++) {
		wait_for(&lines[0], 2 * i + 1);
		put(&lines[0], 2 * i + 2);
	}
	return NULL;
}

static void alternate_first(void)
{
	begin(1);
	for (unsigned long i = 0; i < rounds; i++) {
		put(&lines[0], 2 * i + 1);
		wait_for(&lines[0], 2 * i + 2);
	}
	marker_end();
}

static void use(struct line *line)
{
	for (unsigned int i = 0; i < OWN_ACCESSES; i++)
		put(line, look(line) + 1);
}

static void *own_second(void *arg)
{
	stay_on(((struct worker *)arg)->cpu);
	use(&lines[1]);
	am_ready();
	while (!look(&ended))
		use(&lines[1]);
	return NULL;
}

static void own_first(void)
{
	use(&lines[0]);
	begin(1);
	/* The other looked at it when it was ready. */
	for (unsigned long i = 0; i < rounds; i++)
		use(&lines[0]);
	marker_end();
	put(&ended, 1);
}

static void *broadcast_reader(void *arg)
{
	struct worker *me = arg;

	stay_on(me->cpu);
	am_ready();
	for (unsigned long i = 1; i <= rounds; i++) {
		wait_for(&lines[0], i);
		put(&lines[me->cpu], i);
	}
	return NULL;
}

static void broadcast_writer(void)
{
	begin(READERS);
	for (unsigned long i = 1; i <= rounds; i++) {
		put(&lines[0], i);
		for (unsigned int reader = 1; reader <= READERS; reader++)
			wait_for(&lines[reader], i);
	}
	marker_end();
}

static void expect(const char *what, const struct line *line, unsigned long least,
		   unsigned long most)
{
	printf("{\"what\": \"%s\", \"line\": \"%" PRIxPTR "\", \"least\": %lu, \"most\": %lu}\n",
	       what, (uintptr_t)line, least, most);
}

int main(int argc, char **argv)
{
	static struct worker workers[READERS];
	static struct threads running;
	const char *pattern = argc == 3 ? argv[1] : "";

	rounds = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	for (unsigned int i = 0; i < READERS; i++)
		workers[i].cpu = i + 1;
	stay_on(0);
	put(&lines[0], 0);
	if (rounds && !strcmp(pattern, "alternate")) {
		threads_start(&running, alternate_second, workers, sizeof(*workers), 1);
		alternate_first();
		expect("two write in turn", &lines[0], 4 * rounds, 4 * rounds);
	} else if (rounds && !strcmp(pattern, "own")) {
		threads_start(&running, own_second, workers, sizeof(*workers), 1);
		own_first();
		/* The other may have a copy from before; the first write takes it away. */
		expect("the first on its own", &lines[0], 0, 1);
		expect("the second on its own", &lines[1], 0, 0);
	} else if (rounds && !strcmp(pattern, "broadcast")) {
		threads_start(&running, broadcast_reader, workers, sizeof(*workers), READERS);
		broadcast_writer();
		expect("one writes, three read", &lines[0], (1 + READERS) * rounds,
		       (1 + READERS) * rounds);
		for (unsigned int i = 1; i <= READERS; i++)
			/* Who had the line before the first write is not known. */
			expect("a reader's answer", &lines[i], 2 * rounds - 2, 2 * rounds + 2);
	} else {
		fprintf(stderr, "usage: known_traffic alternate|own|broadcast ROUNDS\n");
		return EXIT_FAILURE;
	}
	threads_join(&running);
	return EXIT_SUCCESS;
}
