/* SPDX-License-Identifier: GPL-2.0-only */
/* Cgroups (v2): from what somebody typed to an id, and what their files say. */
#ifndef MAGE_CGROUPS_CGROUP_H
#define MAGE_CGROUPS_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/exit_codes.h"

/*
 * Finds the cgroup that @path names, on behalf of @what: a directory, or a
 * path below the cgroup file system ("/demo", "demo").  Reports a failure.
 */
enum rc cgroup_find(const char *what, const char *path, uint64_t *id);

/* The same for those who only want to know. */
bool cgroup_look(const char *path, uint64_t *id);

/*
 * The path below the mount point that "/demo" and "demo" stand for, without slashes at its
 * end, so that the last part is the name; of a cgroup that need not be there.  To be freed;
 * NULL without memory.
 */
char *cgroup_below(const char *typed);

/* Can a policy govern it?  Not the root, nor without the memory controller. */
enum rc cgroup_check(const char *what, const char *path, uint64_t id);

/* A counter of memory.stat; -1 if it cannot be read. */
int64_t cgroup_memory_stat(const char *path, const char *counter);

#endif
