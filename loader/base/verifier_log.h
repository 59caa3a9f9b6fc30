/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding what matters in what libbpf and the BPF verifier say.  Pure functions. */
#ifndef MAGE_BASE_VERIFIER_LOG_H
#define MAGE_BASE_VERIFIER_LOG_H

#include <stddef.h>

struct span {
	const char *text; /* NULL for nothing found */
	size_t len;
};

/* The verifier's log within @messages, and the name of the program that it is about. */
struct span verifier_log(const char *messages);
struct span verifier_log_program(const char *messages);

/* The last @lines lines. */
struct span last_lines(struct span span, unsigned int lines);

/* The verifier's verdict: its last line that is no statistics. */
struct span verifier_verdict(struct span log);

/*
 * What to do about a program that has what Mage's policies may not: @err is what loading it
 * returned. NULL if that is not why it was refused.
 */
const char *verifier_advice(int err, struct span verdict);

/* The first line of @messages without libbpf's prefix: the later ones only follow from it. */
struct span first_message(const char *messages);

/*
 * What libbpf found that the object has and the kernel has not: a function that it calls, or a
 * member of its table.
 */
struct span missing_function(const char *messages);
struct span missing_member(const char *messages);

#endif
