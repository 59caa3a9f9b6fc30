// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: formats that policies write text by.
 */
#include <linux/ctype.h>
#include <linux/string.h>
#include "format.h"

/* Digits that a width or a precision may have. */
#define MAGE_FORMAT_DIGITS	3

/**
 * mage_format_is_wide() - whether a format has a width that takes long to write
 * @fmt: the format; it ends with NUL, or after @size
 * @size: bytes
 *
 * It may be long without having a buffer: "%8388607d" writes so many blanks.
 */
bool mage_format_is_wide(const char *fmt, size_t size)
{
	size_t len = strnlen(fmt, size), i;

	for (i = 0; i < len; i++) {
		unsigned int digits = 0;

		if (fmt[i] != '%')
			continue;
		for (i++; i < len && strchr("+- 0", fmt[i]); i++)
			;
		for (; i < len && isdigit(fmt[i]); i++)
			digits++;
		if (digits > MAGE_FORMAT_DIGITS)
			return true;
	}
	return false;
}
