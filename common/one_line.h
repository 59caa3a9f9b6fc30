/* SPDX-License-Identifier: GPL-2.0-only */
/* Text from elsewhere on a line of our own. */
#ifndef COMMON_ONE_LINE_H
#define COMMON_ONE_LINE_H

#include <stdio.h>

/* Copies text to a stream with control characters as '?', so that it stays one line. */
void put_one_line(FILE *out, const char *text);

#endif
