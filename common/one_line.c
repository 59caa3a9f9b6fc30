// SPDX-License-Identifier: GPL-2.0-only
#include "common/one_line.h"

void put_one_line(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}
