/* SPDX-License-Identifier: GPL-2.0-only */
/* The system's own tools, those of administrators included. */
#ifndef MAGE_BASE_TOOL_H
#define MAGE_BASE_TOOL_H

#include <stddef.h>

#include "base/exit_codes.h"

/*
 * Runs @argv, which ends with NULL, and waits for it.  What it printed, on either stream, is in
 * @said, with a NUL, as far as it fits; *status is its exit status.  Reports on behalf of @what if
 * it could not be run, or was killed; @package is what has it, for people.
 */
enum rc tool_run(const char *what, const char *const argv[], const char *package, char *said,
		 size_t size, int *status);

#endif
