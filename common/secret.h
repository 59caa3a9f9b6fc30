/* SPDX-License-Identifier: GPL-2.0-only */
/* The secret that a memory node and its clients share, in a file. */
#ifndef COMMON_SECRET_H
#define COMMON_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mage_wire.h>

struct secret {
	size_t len; /* bytes, 0 for none */
	uint8_t bytes[MAGE_WIRE_SECRET_MAX];
};

enum secret_result {
	SECRET_OK,
	SECRET_UNREADABLE, /* errno says why */
	SECRET_NO_FILE, /* a directory, a pipe ... */
	SECRET_FOR_EVERYBODY, /* others than the owner and the group have access */
	SECRET_EMPTY,
	SECRET_TOO_LONG,
};

/*
 * Reads 1 to MAGE_WIRE_SECRET_MAX bytes, one newline at the end not counted.  @only_file: never
 * wait, and take nothing but a regular file.  The secret is to be wiped after use.
 */
enum secret_result secret_read(struct secret *secret, const char *path, bool only_file);

/* What is wrong, in words; of SECRET_UNREADABLE those for errno. */
const char *secret_result_text(enum secret_result result);

#endif
