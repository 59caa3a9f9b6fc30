/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a cgroup with all that is missing above it. */
#ifndef MAGE_CGROUPS_MAKE_H
#define MAGE_CGROUPS_MAKE_H

#include <stddef.h>

#include "base/exit_codes.h"

/*
 * Makes the cgroup @path (below the mount point) with the memory controller, on behalf of
 * @what.  *nr becomes the number of directories that were made: it and that many minus one
 * above it.  Reports a failure, and then nothing new is left.
 */
enum rc cgroup_make(const char *what, const char *path, size_t *nr);

/* Removes @nr directories: @path and what is above it.  0 or an errno value. */
int cgroup_unmake(const char *path, size_t nr);

#endif
