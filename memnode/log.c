// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/one_line.h"

void log_line(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fputs("mage-memnoded: ", stderr);
	put_one_line(stderr, text);
	fputc('\n', stderr);
}
