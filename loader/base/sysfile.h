/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of /proc and /sys that hold one line. */
#ifndef MAGE_BASE_SYSFILE_H
#define MAGE_BASE_SYSFILE_H

#include <stdbool.h>
#include <stddef.h>

/* The first line, without its end; false (and "") if the file cannot be read. */
bool sysfile_read(const char *path, char *text, size_t size);

/* The same of the path that the format makes. */
bool sysfile_readf(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* 0 or an errno value. */
int sysfile_write(const char *path, const char *text);

#endif
