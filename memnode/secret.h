/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The secret of this node.
 */
#ifndef MEMNODE_SECRET_H
#define MEMNODE_SECRET_H

#include "common/secret.h"

/*
 * Reads it as secret_read() does, from a regular file.  Returns 0, or -1 with
 * a sentence in error.
 */
int secret_load(struct secret *secret, const char *path, char *error, size_t error_len);

#endif
