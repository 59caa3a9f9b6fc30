// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>

#include "base/clock.h"
#include "base/signals.h"

double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void clock_wait(double until)
{
	double left;

	while (!ended && (left = until - clock_seconds()) > 0) {
		struct timespec some = { (time_t)left,
					 (long)((left - (double)(time_t)left) * 1e9) };

		nanosleep(&some, NULL);
	}
}
