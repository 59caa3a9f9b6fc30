/* SPDX-License-Identifier: GPL-2.0-only */
/* A verified load that goes as far as it is told: a process in a cgroup, with pages of its own. */
#ifndef GENERATED_LOAD_H
#define GENERATED_LOAD_H

#include <stdbool.h>
#include <stdint.h>

/* Starts it in the cgroup of that path. */
void load_start(const char *cgroup, uint32_t pages, uint64_t seed);

/* Has it visit so many pages, each of which is verified; false if a byte was wrong, or it is no
 * more. */
bool load_visit(uint32_t visits);

/* Has it verify all of its pages, and ends it; false likewise. */
bool load_end(void);

#endif
