/* SPDX-License-Identifier: GPL-2.0-only */
/* The cgroup that is traced. */
#ifndef MAGE_TRACING_REQUEST_H
#define MAGE_TRACING_REQUEST_H

#include <stdint.h>

#include "base/exit_codes.h"

/* Is there Mage, and is the cgroup a domain? @typed may be NULL, for all of them; then *id is 0. */
enum rc trace_find_domain(const char *what, const char *typed, uint64_t *id);

#endif
