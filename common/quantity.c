// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

#include "common/quantity.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Decimal digits; no sign, no blanks, no base prefix, all of which strtoull would take. */
static enum parse_result leading_number(const char **text, uint64_t *number)
{
	const char *p = *text;
	uint64_t value = 0;

	if (!is_digit(*p))
		return PARSE_NO_NUMBER;
	for (; is_digit(*p); p++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return PARSE_OVERFLOW;
	}
	*text = p;
	*number = value;
	return PARSE_OK;
}

static const struct unit *find_unit(const struct unit *units, const char *name)
{
	for (; units->name; units++) {
		if (!strcasecmp(units->name, name))
			return units;
	}
	return NULL;
}

enum parse_result parse_number(const char *text, uint64_t max, uint64_t *number)
{
	enum parse_result result;
	uint64_t value;

	result = leading_number(&text, &value);
	if (result != PARSE_OK)
		return result;
	if (*text)
		return PARSE_BAD_UNIT;
	if (value > max)
		return PARSE_OVERFLOW;
	*number = value;
	return PARSE_OK;
}

enum parse_result parse_quantity(const char *text, const struct unit *units, uint64_t *value)
{
	enum parse_result result;
	const struct unit *unit;
	uint64_t number;

	result = leading_number(&text, &number);
	if (result != PARSE_OK)
		return result;
	unit = find_unit(units, text);
	if (!unit)
		return PARSE_BAD_UNIT;
	if (__builtin_mul_overflow(number, unit->factor, &number))
		return PARSE_OVERFLOW;
	*value = number;
	return PARSE_OK;
}
