/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TORTURE_CLOCK_H
#define TORTURE_CLOCK_H

#include <time.h>

#define PROGRESS_SECONDS 5

static inline double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#endif
