/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page traces: which pages a program referenced, in order.
 *
 * A file is one line of text, "mage-trace 1 PAGES REFERENCES NAME\n", and then a number for each
 * reference, unsigned LEB128 (7 bits a byte, the lowest first, the high bit says that more
 * follow): zigzag(page - page before) * 2 + (1 if it was written to). Pages are numbered from 0
 * to PAGES - 1; the one before the first is 0. NAME is one word.
 *
 * "mage trace record" writes them, tests/sim replays them natively and tests/vm/trace_play in a
 * virtual machine.
 */
#ifndef MAGE_TRACING_FILE_H
#define MAGE_TRACING_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_NAME_MAX 64

struct trace_reference {
	uint32_t page;
	bool write;
};

/* A whole trace in memory; all zero is an empty one. */
struct trace {
	char name[TRACE_NAME_MAX];
	uint32_t pages;
	size_t nr;
	size_t room; /* that reference has */
	struct trace_reference *reference;
};

/*
 * Appends a reference, and raises pages where needed. 0, -ENOMEM, or -ERANGE for the one page
 * that a count of pages cannot include, UINT32_MAX.
 */
int trace_add(struct trace *trace, uint32_t page, bool write);

/*
 * Reads or writes a whole file. 0, or a negative errno; -EINVAL for what is no trace, cut off, or
 * names a page out of range. The trace is then left empty, the file is left alone or removed.
 */
int trace_load(struct trace *trace, const char *path);
int trace_save(const struct trace *trace, const char *path);

void trace_free(struct trace *trace);

#endif
