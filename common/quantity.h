/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as people type them, alone or with a unit.  Pure functions. */
#ifndef COMMON_QUANTITY_H
#define COMMON_QUANTITY_H

#include <stdint.h>

enum parse_result {
	PARSE_OK,
	PARSE_NO_NUMBER, /* does not start with a digit */
	PARSE_BAD_UNIT, /* no unit that we know, or junk after the number */
	PARSE_OVERFLOW, /* does not fit */
	PARSE_ZERO,
	PARSE_NOT_PAGES, /* not a multiple of the page size */
};

/* A table of units ends with a NULL name; "" is the unit of a number alone. */
struct unit {
	const char *name; /* in either case */
	uint64_t factor;
};

/* A decimal number up to @max, and nothing after it. */
enum parse_result parse_number(const char *text, uint64_t max, uint64_t *number);

/*
 * A decimal number with one of the units right behind it: "512M".  *value, the number times
 * the unit's factor, changes only with PARSE_OK.
 */
enum parse_result parse_quantity(const char *text, const struct unit *units, uint64_t *value);

#endif
