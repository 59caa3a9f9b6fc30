/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads and stores that a far store may fail to serve (--may-sigbus): a SIGBUS is counted, and the
 * access has not been made.
 */
#ifndef TORTURE_GUARD_H
#define TORTURE_GUARD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guard_counts {
	uint64_t signals;
	uint64_t pages; /* that have raised one */
	uint64_t unreadable; /* that did so when they were touched last */
};

/* Locks all that the program has and will have in memory; the region has to be unlocked again. */
void guard_on(void);
bool guard_is_on(void);
/* For a region of so many pages. */
void guard_create(uint32_t pages);

/* Whether errors are to be expected from now on; at first they are not. */
void guard_expect(bool errors);
bool guard_expects_errors(void);

/* Copies from or to page @index, which is at @page; false if that raised SIGBUS. */
bool guard_copy(uint32_t index, const void *page, void *to, const void *from, size_t bytes);
/* Adds one to a word of the page; false if that raised SIGBUS. */
bool guard_add_one(uint32_t index, const void *page, uint64_t *word);

/* Called by the signal handler; returns if the signal is an error. */
void guard_signal(const siginfo_t *info);

struct guard_counts guard_counts(void);

#endif
