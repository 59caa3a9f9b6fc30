/* SPDX-License-Identifier: GPL-2.0-only */
/* From a host's name to what the kernel understands. */
#ifndef MAGE_BASE_ADDRESS_H
#define MAGE_BASE_ADDRESS_H

#include <stddef.h>

#include "base/exit_codes.h"

/* Writes the numeric address of @host, on behalf of @what, and reports a failure. */
enum rc resolve_host(const char *what, const char *host, char *numeric, size_t size);

#endif
