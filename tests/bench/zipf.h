/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Things numbered from 0, of which some are asked for much more often than others: the one of rank
 * r in proportion to 1 / (r + 1)^skew. Which number has which rank is scattered.
 *
 * Drawn after Gray et al., "Quickly Generating Billion-Record Synthetic Databases", 1994.
 */
#ifndef BENCH_ZIPF_H
#define BENCH_ZIPF_H

#include <stdint.h>

struct zipf {
	uint64_t nr;
	double skew;
	double zeta;
	double eta;
	double second;
};

/* @skew is more than 0 and less than 1; 0.99 is what YCSB takes. */
void zipf_make(struct zipf *zipf, uint64_t nr, double skew);
uint64_t zipf_next(const struct zipf *zipf, uint64_t *random);

#endif
