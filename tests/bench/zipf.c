// SPDX-License-Identifier: GPL-2.0-only
#include "zipf.h"

#include <math.h>

#include "random.h"

/* A prime, larger than any number of things here, so that each has one rank. */
#define ZIPF_SCATTER 2654435761ULL

void zipf_make(struct zipf *zipf, uint64_t nr, double skew)
{
	zipf->nr = nr;
	zipf->skew = skew;
	zipf->zeta = 0;
	for (uint64_t i = 1; i <= nr; i++)
		zipf->zeta += pow((double)i, -skew);
	zipf->second = 1 + pow(0.5, skew);
	zipf->eta = (1 - pow(2.0 / (double)nr, 1 - skew)) / (1 - zipf->second / zipf->zeta);
}

uint64_t zipf_next(const struct zipf *zipf, uint64_t *random)
{
	double unit = random_unit(random), scaled = unit * zipf->zeta;
	uint64_t rank;

	if (scaled < 1)
		rank = 0;
	else if (scaled < zipf->second)
		rank = 1;
	else
		rank = (uint64_t)((double)zipf->nr *
				  pow(zipf->eta * (unit - 1) + 1, 1 / (1 - zipf->skew)));
	if (rank >= zipf->nr)
		rank = zipf->nr - 1;
	return rank * ZIPF_SCATTER % zipf->nr;
}
