// SPDX-License-Identifier: GPL-2.0-only
#include "size.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char units[] = "KMGT";

int size_parse(const char *text, uint64_t *bytes)
{
	unsigned int shift = 0;
	const char *unit;
	uint64_t value;
	char *end;

	/* strtoull() takes a sign and white space, a size does not. */
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -errno;

	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit)
			return -EINVAL;
		shift = 10 * (unsigned int)(unit - units + 1);
		end++;
		if (strcmp(end, "") && strcmp(end, "B") && strcmp(end, "iB"))
			return -EINVAL;
	}
	if (value > UINT64_MAX >> shift)
		return -ERANGE;

	*bytes = value << shift;
	return 0;
}

const char *size_format(uint64_t bytes, char text[static SIZE_TEXT_LEN])
{
	if (bytes && !(bytes & ((UINT64_C(1) << 30) - 1)))
		snprintf(text, SIZE_TEXT_LEN, "%" PRIu64 " GiB", bytes >> 30);
	else if (bytes && !(bytes & ((UINT64_C(1) << 20) - 1)))
		snprintf(text, SIZE_TEXT_LEN, "%" PRIu64 " MiB", bytes >> 20);
	else if (bytes && !(bytes & ((UINT64_C(1) << 10) - 1)))
		snprintf(text, SIZE_TEXT_LEN, "%" PRIu64 " KiB", bytes >> 10);
	else
		snprintf(text, SIZE_TEXT_LEN, "%" PRIu64 " bytes", bytes);
	return text;
}
