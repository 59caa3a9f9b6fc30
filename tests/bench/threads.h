/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that do the same, each with a worker of its own.
 */
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H

#include <pthread.h>
#include <stddef.h>

enum {
	THREADS_MAX = 64,
};

struct threads {
	pthread_t thread[THREADS_MAX];
	unsigned long nr;
};

/* One for each of @nr workers, @size bytes each; ends the program if there is no thread. */
void threads_start(struct threads *threads, void *(*work)(void *), void *workers, size_t size,
		   unsigned long nr);
void threads_join(struct threads *threads);

/* Lets them work for so many seconds. */
void threads_wait(unsigned long seconds);

#endif
