// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies/tunable.h"

void tunable_type_limits(struct tunable *t)
{
	unsigned int bits = (unsigned int)t->size * 8;

	if (t->is_bool) {
		t->min = 0;
		t->max = 1;
	} else if (t->is_signed) {
		t->min = INT64_MIN >> (64 - bits);
		t->max = INT64_MAX >> (64 - bits);
	} else {
		t->min = 0;
		t->max = (int64_t)(UINT64_MAX >> (64 - bits));
	}
}

static bool less(const struct tunable *t, int64_t a, int64_t b)
{
	return t->is_signed ? a < b : (uint64_t)a < (uint64_t)b;
}

/* One number of the tunable's type; @end is not 0 if it may be a literal of the object's. */
static bool read_number(const struct tunable *t, const char *text, char end, const char **rest,
			int64_t *number)
{
	const char *digits = text + (*text == '-' && t->is_signed);
	char *stop;
	int base = 10;

	/* strtol() would take leading blanks, signs, and a 0 for octal. */
	if (!isdigit((unsigned char)*digits))
		return false;
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		base = 16;
	errno = 0;
	if (t->is_signed)
		*number = strtoll(text, &stop, base);
	else
		*number = (int64_t)strtoull(text, &stop, base);
	/* A literal of the object may have a suffix: 512U, 1ULL. */
	if (end)
		stop += strspn(stop, "uUlL");
	*rest = stop;
	return !errno;
}

bool tunable_read_range(struct tunable *t, const char *text)
{
	struct tunable type = *t;
	int64_t min, max;
	const char *rest;

	tunable_type_limits(&type);
	if (!read_number(t, text, '.', &rest, &min) || strncmp(rest, "..", 2) ||
	    !read_number(t, rest + 2, '.', &rest, &max) || *rest)
		return false;
	if (less(t, max, min) || less(t, min, type.min) || less(t, type.max, max))
		return false;
	t->min = min;
	t->max = max;
	return true;
}

static bool read_bool(const char *text, int64_t *value)
{
	static const char *const words[][2] = {
		{ "0", "1" },
		{ "false", "true" },
		{ "no", "yes" },
		{ "off", "on" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (int truth = 0; truth < 2; truth++) {
			if (strcmp(text, words[i][truth]))
				continue;
			*value = truth;
			return true;
		}
	}
	return false;
}

bool tunable_read_initial(struct tunable *t, const char *text)
{
	const char *rest = "";
	int64_t initial;

	if (t->is_bool ? !read_bool(text, &initial) : !read_number(t, text, 'U', &rest, &initial))
		return false;
	if (*rest)
		return false;
	t->initial = initial;
	t->has_initial = true;
	return true;
}

bool tunable_takes(const struct tunable *t, int64_t value)
{
	return !less(t, value, t->min) && !less(t, t->max, value);
}

enum tunable_result tunable_parse(const struct tunable *t, const char *text, int64_t *value)
{
	const char *rest;

	if (t->is_bool)
		return read_bool(text, value) ? TUNABLE_OK : TUNABLE_NO_BOOL;
	if (!read_number(t, text, '\0', &rest, value)) {
		/* A negative one is a number, if not of an unsigned type; so is a huge one. */
		rest = text + (*text == '-');
		if (!isdigit((unsigned char)*rest))
			return TUNABLE_NO_NUMBER;
		rest += strspn(rest, "0123456789abcdefABCDEFxX");
		return *rest ? TUNABLE_NO_NUMBER : TUNABLE_OUT_OF_RANGE;
	}
	if (*rest)
		return TUNABLE_NO_NUMBER;
	return tunable_takes(t, *value) ? TUNABLE_OK : TUNABLE_OUT_OF_RANGE;
}

int64_t tunable_load(const struct tunable *t, const void *from)
{
	unsigned int unused = 64 - (unsigned int)t->size * 8;
	uint64_t bits = 0;

	/* x86-64 is little-endian, and the only architecture that Mage has. */
	memcpy(&bits, from, t->size);
	if (t->is_signed)
		return (int64_t)(bits << unused) >> unused;
	return (int64_t)bits;
}

void tunable_store(const struct tunable *t, int64_t value, void *to)
{
	memcpy(to, &value, t->size);
}

void tunable_format(const struct tunable *t, int64_t value, char *text, size_t size)
{
	if (t->is_bool)
		snprintf(text, size, "%s", value ? "true" : "false");
	else if (t->is_signed)
		snprintf(text, size, "%" PRId64, value);
	else
		snprintf(text, size, "%" PRIu64, (uint64_t)value);
}

void tunable_format_range(const struct tunable *t, char *text, size_t size)
{
	char min[24], max[24];

	if (t->is_bool) {
		snprintf(text, size, "true or false");
		return;
	}
	tunable_format(t, t->min, min, sizeof(min));
	tunable_format(t, t->max, max, sizeof(max));
	snprintf(text, size, "%s..%s", min, max);
}

bool tunable_split(const char *setting, char *name, size_t size, const char **value)
{
	const char *equals = strchr(setting, '=');
	size_t len;

	if (!equals || equals == setting || !equals[1])
		return false;
	len = (size_t)(equals - setting);
	if (len >= size)
		len = size - 1;
	memcpy(name, setting, len);
	name[len] = '\0';
	*value = equals + 1;
	return true;
}
