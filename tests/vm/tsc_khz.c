// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the frequency of this machine's time-stamp counter, in kHz.
 *
 * Without KVM a guest reads the same counter, and a guest that measures it while the host is busy
 * can be wrong by a factor; all its time-outs then are, too. Here a pause changes the counter and
 * the clock that it is compared with alike.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

/* Of so many readings the one with the least between the two looks at the counter is taken. */
#define READINGS 100

#define INTERVAL_NS 50000000

struct reading {
	uint64_t ticks;
	uint64_t ns;
};

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct reading take_reading(void)
{
	struct reading best = { 0 };
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < READINGS; i++) {
		uint64_t before = __rdtsc();
		uint64_t ns = clock_ns();
		uint64_t after = __rdtsc();

		if (after - before >= least)
			continue;
		least = after - before;
		best = (struct reading){ .ticks = before + least / 2, .ns = ns };
	}
	return best;
}

int main(void)
{
	struct reading from = take_reading(), to;

	nanosleep(&(struct timespec){ .tv_nsec = INTERVAL_NS }, NULL);
	to = take_reading();
	printf("%ju\n", (uintmax_t)((to.ticks - from.ticks) * 1000000 / (to.ns - from.ns)));
	return 0;
}
