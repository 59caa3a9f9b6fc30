/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The numbers of the pages of a trace. While it is recorded a page gets the next number; in the
 * end all are numbered anew, by address space and address, so that neighbours in memory are
 * neighbours in the trace and no number is unused.  Pure functions.
 */
#ifndef MAGE_TRACING_PAGES_H
#define MAGE_TRACING_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "tracing/file.h"

struct trace_page {
	uint64_t mm; /* tells address spaces apart */
	uint64_t address; /* of the page */
};

/* All zero has no page. */
struct trace_pages {
	struct trace_page *page; /* by number */
	uint32_t nr;
	uint32_t room; /* that page has */
	uint32_t *slot; /* hash table: a number and 1, or 0 */
	size_t slots; /* a power of two, or none */
};

/* The number of a page, a new one if it is new. 0, -ENOMEM or -ERANGE. */
int trace_pages_number(struct trace_pages *pages, uint64_t mm, uint64_t address, uint32_t *number);

/*
 * Numbers the pages of @trace anew; address spaces come in the order in which their first pages
 * did. 0 or -ENOMEM; then nothing has changed.
 */
int trace_pages_sort(const struct trace_pages *pages, struct trace *trace);

void trace_pages_free(struct trace_pages *pages);

#endif
