/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of bytes as people write and read them.
 */
#ifndef MEMNODE_SIZE_H
#define MEMNODE_SIZE_H

#include <stddef.h>
#include <stdint.h>

/* Longest text of size_format(), its NUL included. */
#define SIZE_TEXT_LEN 32

/*
 * Reads a decimal number with an optional suffix K, M, G or T (powers of 1024;
 * "iB" or "B" may follow), in either case.  Returns 0, -EINVAL, or -ERANGE.
 */
int size_parse(const char *text, uint64_t *bytes);

/* Writes "12 MiB", or "5000 bytes" where no larger unit divides. */
const char *size_format(uint64_t bytes, char text[static SIZE_TEXT_LEN]);

#endif
