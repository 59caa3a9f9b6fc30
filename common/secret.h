/* SPDX-License-Identifier: GPL-2.0-only */
/* The secret that a memory node and its clients share, in a file. */
#ifndef COMMON_SECRET_H
#define COMMON_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mage_wire.h>

/*
 * Shorter ones are refused: 128 bits at least, if they are random.  NIST SP 800-131A asks for 112
 * of an HMAC's key; RFC 2104, section 3, advises as many bytes as the hash has, 32 here.
 */
#define SECRET_MIN 16

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
	SECRET_TOO_SHORT,
	SECRET_TOO_LONG,
};

/*
 * Opens a file that holds a secret, to read it.  @only_file: never wait, and take nothing but a
 * regular file.  *fd is to be closed if the result is SECRET_OK.
 */
enum secret_result secret_open(const char *path, bool only_file, int *fd);

/*
 * Reads SECRET_MIN to MAGE_WIRE_SECRET_MAX bytes, one newline at the end not counted, from a file
 * that is opened so.  The secret is to be wiped after use.
 */
enum secret_result secret_read(struct secret *secret, const char *path, bool only_file);

/* What is wrong, in words; of SECRET_UNREADABLE those for errno. */
const char *secret_result_text(enum secret_result result);

#endif
