/* SPDX-License-Identifier: GPL-2.0-only */
/* How the program says that something is wrong. The first error ends the run. */
#ifndef TORTURE_REPORT_H
#define TORTURE_REPORT_H

#include <stdint.h>
#include <sys/types.h>

#include "page.h"

enum {
	EXIT_RIGHT = 0,
	EXIT_WRONG = 1, /* a byte was wrong, or the kernel broke a promise */
	EXIT_SETUP = 2, /* bad usage, or no way to start */
	EXIT_NEVER = 3, /* an operation never succeeded */
};

/* Ends the run with EXIT_WRONG and one line. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same for a system call that failed though it had no right to. */
_Noreturn void die_errno(const char *what);
/* Ends the program with EXIT_SETUP. */
_Noreturn void bad_setup(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

struct page_report {
	const char *doing; /* the operation that looked */
	const void *address;
	uint32_t index;
	uint32_t owner;
	const union page *want; /* NULL: the page must be zero */
	const union page *got; /* what was read */
	const union page *again;/* where to read it a second time */
};

_Noreturn void die_page(const struct page_report *r);

/*
 * Waits for a child that must exit with 0, and returns 0; or EPERM if it exits with EXIT_NEVER. A
 * child that found an error has reported it already.
 */
int reap(pid_t pid, const char *what);

/*
 * Returns errno when the kernel may refuse @what for want of memory, rights or support (the caller
 * then counts the operation as skipped), and ends the run on any other error.
 */
int refused(const char *what);

void report_signals(void);

#endif
