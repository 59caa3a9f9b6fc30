// SPDX-License-Identifier: GPL-2.0-only
#include "size.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/quantity.h"

/* clang-format off */
static const struct unit units[] = {
	{ "", 1 },
	{ "K", UINT64_C(1) << 10 }, { "KB", UINT64_C(1) << 10 }, { "KiB", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 }, { "MB", UINT64_C(1) << 20 }, { "MiB", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 }, { "GB", UINT64_C(1) << 30 }, { "GiB", UINT64_C(1) << 30 },
	{ "T", UINT64_C(1) << 40 }, { "TB", UINT64_C(1) << 40 }, { "TiB", UINT64_C(1) << 40 },
	{ NULL, 0 },
};
/* clang-format on */

int size_parse(const char *text, uint64_t *bytes)
{
	switch (parse_quantity(text, units, bytes)) {
	case PARSE_OK:
		return 0;
	case PARSE_OVERFLOW:
		return -ERANGE;
	default:
		return -EINVAL;
	}
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
