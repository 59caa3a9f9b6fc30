/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples as tables. */
#ifndef MAGE_DOMAINS_STATUS_TABLE_H
#define MAGE_DOMAINS_STATUS_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "domains/sample.h"

/*
 * A table under construction: how wide its first columns are, and when the
 * header is due again.
 */
struct status_table {
	FILE *out;
	int path_width;
	int policy_width;
	unsigned int lines; /* since the last header */
	bool rates; /* a second, or totals */
};

void status_table_start(struct status_table *table, FILE *out, bool rates);
/* A line for each domain, changes since @before (NULL: totals), then flushes. */
void status_table_rows(struct status_table *table, const struct sample *now,
		       const struct sample *before);
/* A line for each domain whose last policy was ejected or failed. */
void status_exits(FILE *out, const struct sample *sample);
/* A line for each limit that is not just kept. */
void status_limits(FILE *out, const struct sample *sample);

/* The policies: who governs what, and the @nr others that there are. */
void policies_table(FILE *out, const struct sample *sample, const char *const *names, size_t nr);

/* "'bad' left: ejected: picked a page twice: frame 17", or "-". */
void exit_text(const struct domain *domain, char *text, size_t size);

#endif
