/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads that read and write random pages. */
#ifndef TORTURE_WORKER_H
#define TORTURE_WORKER_H

#include <stdint.h>

struct worker_counts {
	uint64_t visits;
	uint64_t rewrites;
	uint64_t patches;
	uint64_t bumps;
	uint64_t verified;
	double longest; /* seconds that a visit took, at most */
};

/* Returns when every thread has filled its share of the region. */
void workers_start(unsigned int threads, uint64_t seed);
void workers_stop(void);
/* Every page once more, by as many threads; nothing else may be running. */
void workers_final_pass(void);
struct worker_counts workers_counts(void);
/* Names the workers that have not moved since the last call. */
void workers_report_stuck(void);

#endif
