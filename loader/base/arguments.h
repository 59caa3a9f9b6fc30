/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was typed for an option or an operand, read on behalf of @what; a mistake is reported.
 * @name says what it is, as in "the interval is zero", @todo what would be right.
 */
#ifndef MAGE_BASE_ARGUMENTS_H
#define MAGE_BASE_ARGUMENTS_H

#include <stdint.h>

#include "base/exit_codes.h"

/* Must be there: not NULL, which is what an option is that was not given. */
enum rc argument_needed(const char *what, const char *option, const char *typed, const char *todo);

/* As parse_seconds() has it. */
enum rc argument_seconds(const char *what, const char *name, const char *typed, const char *todo,
			 double *seconds);

/* From 1 to @max. */
enum rc argument_number(const char *what, const char *name, const char *typed, uint64_t max,
			uint64_t *number);

/* Bytes: whole pages of this machine. */
enum rc argument_pages(const char *what, const char *name, const char *typed, const char *todo,
		       uint64_t *bytes);

#endif
