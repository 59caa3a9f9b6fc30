/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The secret that this node and its clients share.
 */
#ifndef MEMNODE_SECRET_H
#define MEMNODE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include <linux/mage_wire.h>

struct secret {
	size_t len; /* 0 for none */
	uint8_t bytes[MAGE_WIRE_SECRET_MAX];
};

/*
 * Reads the file: 1 to MAGE_WIRE_SECRET_MAX bytes, one newline at the end not
 * counted.  Nobody but the owner and the group may have access.  Returns 0, or
 * -1 with a sentence in error.
 */
int secret_load(struct secret *secret, const char *path, char *error, size_t error_len);

#endif
