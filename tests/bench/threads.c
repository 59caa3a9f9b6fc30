// SPDX-License-Identifier: GPL-2.0-only
#include "threads.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void threads_start(struct threads *threads, void *(*work)(void *), void *workers, size_t size,
		   unsigned long nr)
{
	for (threads->nr = 0; threads->nr < nr; threads->nr++) {
		if (pthread_create(&threads->thread[threads->nr], NULL, work,
				   (char *)workers + threads->nr * size)) {
			fprintf(stderr, "%s: no thread %lu\n", program_invocation_short_name,
				threads->nr);
			exit(EXIT_FAILURE);
		}
	}
}

void threads_join(struct threads *threads)
{
	for (unsigned long i = 0; i < threads->nr; i++)
		pthread_join(threads->thread[i], NULL);
}

void threads_wait(unsigned long seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}
