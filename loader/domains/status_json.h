/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples as JSON: one document, on a line of its own. */
#ifndef MAGE_DOMAINS_STATUS_JSON_H
#define MAGE_DOMAINS_STATUS_JSON_H

#include <stdio.h>

#include "domains/sample.h"

/* Changes since @before; with NULL there are totals and no rates. */
void status_json(FILE *out, const struct sample *now, const struct sample *before);

/* The policies: who governs what, and the @nr others that there are. */
void policies_json(FILE *out, const struct sample *sample, const char *const *names, size_t nr);

#endif
