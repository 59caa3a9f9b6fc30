/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TORTURE_KILL_H
#define TORTURE_KILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kill_test {
	size_t size;  /* of all processes together */
	unsigned int processes;
	unsigned int seconds;
	uint64_t seed;
	bool broken;  /* the processes find bytes on purpose */
	bool quiet;
};

/* Processes that write are killed at random; what comes after them must find zero. */
int kill_test(const struct kill_test *k);

#endif
