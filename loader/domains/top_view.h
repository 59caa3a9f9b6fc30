/* SPDX-License-Identifier: GPL-2.0-only */
/* What "mage top" shows, as lines of text.  Pure functions. */
#ifndef MAGE_DOMAINS_TOP_VIEW_H
#define MAGE_DOMAINS_TOP_VIEW_H

#include <stddef.h>

#include "domains/sample.h"

#define TOP_LINE_LEN 256

struct top_lines {
	size_t nr;
	size_t header; /* the line with the names of the columns */
	char (*line)[TOP_LINE_LEN];
};

/* What domains can be sorted by; the first is the default. */
struct top_key {
	int key; /* to be pressed */
	const char *name; /* for --sort */
};

extern const struct top_key top_keys[];
extern const size_t nr_top_keys;

/*
 * Lines for the change from @before to @now, sorted by top_keys[@sort], at most @width
 * characters wide (TOP_LINE_LEN - 1 at most); top_lines_free() when done.  0, or -ENOMEM.
 */
int top_view(const struct sample *now, const struct sample *before, const char *evictors,
	     size_t sort, size_t width, struct top_lines *lines);
void top_lines_free(struct top_lines *lines);

#endif
