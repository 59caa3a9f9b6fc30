/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples as tables and as JSON. */
#ifndef MAGE_DOMAINS_STATUS_RENDER_H
#define MAGE_DOMAINS_STATUS_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "common/json.h"
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

/* One document, on a line of its own. */
void status_json(FILE *out, const struct sample *now, const struct sample *before);

/* The policies: who governs what, and which others there are. */
struct policy_names;
void policies_table(FILE *out, const struct sample *sample, const struct policy_names *names);
void policies_json(FILE *out, const struct sample *sample, const struct policy_names *names);

/* The members of a domain's JSON object that say who governs it. */
void domain_identity_json(struct json *json, const struct sample_domain *entry);

/* "'bad' left: ejected: picked a page twice: frame 17", or "-". */
void exit_text(const struct domain *domain, char *text, size_t size);

#endif
