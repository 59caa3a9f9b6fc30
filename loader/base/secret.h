/* SPDX-License-Identifier: GPL-2.0-only */
/* The secret that a memory node asks for. */
#ifndef MAGE_BASE_SECRET_H
#define MAGE_BASE_SECRET_H

#include <stdint.h>

#include "base/exit_codes.h"

/*
 * Reads up to MAGE_SECRET_LEN bytes, on behalf of @what, without the newline
 * that editors put at the end; reports a failure.
 */
enum rc read_secret(const char *what, const char *file, uint8_t *bytes, unsigned int *len);

#endif
