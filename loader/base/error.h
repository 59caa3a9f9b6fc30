/* SPDX-License-Identifier: GPL-2.0-only */
/* One clear line for each error: "mage: WHAT: ON: WHY; WHAT TO DO". */
#ifndef MAGE_BASE_ERROR_H
#define MAGE_BASE_ERROR_H

#include <stdbool.h>

#include "base/exit_codes.h"

/* --verbose was given. */
extern bool verbose;

/* Said at the end of every error line unless NULL: what holds in spite of the error. */
extern const char *error_note;

/* What report() would have printed: what is wrong, and what to do about it ("" for nothing). */
struct error_line {
	char text[1280]; /* "WHAT: ON: WHY" */
	char todo[256];
};

/* Gets the line of each report() instead of standard error, the last one stays; NULL for none. */
extern struct error_line *error_kept;

/*
 * Prints the line and returns rc.  @what is the command that failed, @on what
 * it was working on, @todo what the reader can do about it; @on and @todo may
 * be NULL.  For RC_NOT_PERMITTED there is a default @todo.
 */
enum rc report(enum rc rc, const char *what, const char *on, const char *todo, const char *why, ...)
	__attribute__((format(printf, 5, 6)));

#endif
