/* SPDX-License-Identifier: GPL-2.0-only */
/* The limits and protections of one cgroup, and how much of them is used. */
#ifndef MAGE_CGROUPS_LIMITS_H
#define MAGE_CGROUPS_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* In bytes; NO_LIMIT where the file says "max", or where there is no such file. */
struct cgroup_limits {
	uint64_t max; /* memory.max */
	uint64_t high;
	uint64_t swap_max; /* memory.swap.max */
	uint64_t min; /* 0 where there is no such file */
	uint64_t low;
	uint64_t current; /* what is charged */
	uint64_t swap_current;
};

void cgroup_limits_read(const char *path, struct cgroup_limits *limits);

/* The smaller one of memory.max and memory.high, and which of them it is. */
uint64_t cgroup_limit(const struct cgroup_limits *limits, const char **file);

/* May not a page more be swapped out? */
bool cgroup_swap_is_used_up(const struct cgroup_limits *limits);

/* Makes the path that of the cgroup above; false, and unchanged, at the mount point. */
bool cgroup_go_up(char *path);

/* The path that was given, or the nearest one above it that is there. */
void cgroup_go_where_there_is_one(char *path);

/* Is there a limit (memory.max, memory.high) on the cgroup or above it? */
bool cgroup_is_limited(const char *path);

#endif
