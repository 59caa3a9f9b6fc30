// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "generate.h"
#include "models/memory.h"
#include "random.h"

/* References to a page in a row, while it is scanned. */
#define SCAN_TOUCHES 3

/* References of one kind before those of the other come, in a mixture. */
#define MIX_STRETCH 500

const char *const pattern_names[PATTERNS] = {
	[PATTERN_SCAN] = "scan",	   [PATTERN_LOOP] = "loop",	[PATTERN_ZIPF] = "zipf",
	[PATTERN_SCAN_ZIPF] = "scan-zipf", [PATTERN_RANDOM] = "random",
};

struct zipf {
	uint32_t pages;
	double *up_to; /* by rank, the probability of that rank or a lower one */
	uint32_t *page; /* by rank */
};

static void zipf_init(struct zipf *zipf, uint32_t pages, struct random *random)
{
	double sum = 0;

	zipf->pages = pages;
	zipf->up_to = model_memory(pages, sizeof(*zipf->up_to));
	zipf->page = model_memory(pages, sizeof(*zipf->page));
	for (uint32_t i = 0; i < pages; i++) {
		uint32_t other = random_below(random, i + 1);

		sum += 1.0 / (i + 1);
		zipf->up_to[i] = sum;
		zipf->page[i] = zipf->page[other];
		zipf->page[other] = i;
	}
	for (uint32_t i = 0; i < pages; i++)
		zipf->up_to[i] /= sum;
}

static uint32_t zipf_page(const struct zipf *zipf, struct random *random)
{
	double at = random_unit(random);
	uint32_t low = 0, high = zipf->pages - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (zipf->up_to[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return zipf->page[low];
}

static void zipf_free(struct zipf *zipf)
{
	free(zipf->up_to);
	free(zipf->page);
}

static void add(struct trace *trace, uint32_t page, struct random *random)
{
	if (trace_add(trace, page, random_below(random, 4) == 0)) {
		fprintf(stderr, "a trace of %zu references: out of memory\n", trace->nr);
		exit(1);
	}
}

void generate(struct trace *trace, enum pattern pattern, uint32_t pages, size_t references,
	      uint64_t seed)
{
	struct random random;
	struct zipf zipf;

	*trace = (struct trace){ .pages = pages };
	snprintf(trace->name, sizeof(trace->name), "%s", pattern_names[pattern]);
	random_seed(&random, seed);
	zipf_init(&zipf, pages, &random);
	for (size_t i = 0; i < references; i++) {
		uint32_t page = 0;

		switch (pattern) {
		case PATTERN_SCAN:
			page = (uint32_t)(i / SCAN_TOUCHES % pages);
			break;
		case PATTERN_LOOP:
			page = (uint32_t)(i % pages);
			break;
		case PATTERN_SCAN_ZIPF:
			if (i / MIX_STRETCH % 2) {
				page = (uint32_t)(i % pages);
				break;
			}
			page = zipf_page(&zipf, &random);
			break;
		case PATTERN_ZIPF:
			page = zipf_page(&zipf, &random);
			break;
		case PATTERN_RANDOM:
		case PATTERNS:
			page = random_below(&random, pages);
			break;
		}
		add(trace, page, &random);
	}
	zipf_free(&zipf);
}
