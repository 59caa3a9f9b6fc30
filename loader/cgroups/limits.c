// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sysfile.h"
#include "cgroups/limits.h"
#include "cgroups/path.h"
#include "common/quantity.h"
#include "kernel/state.h"

static uint64_t read_bytes(const char *path, const char *name, uint64_t unless)
{
	char file[PATH_MAX + 32], text[32];
	uint64_t bytes;

	snprintf(file, sizeof(file), "%s/%s", path, name);
	if (!sysfile_read(file, text, sizeof(text)))
		return unless;
	return parse_number(text, UINT64_MAX, &bytes) == PARSE_OK ? bytes : NO_LIMIT;
}

void cgroup_limits_read(const char *path, struct cgroup_limits *limits)
{
	limits->max = read_bytes(path, "memory.max", NO_LIMIT);
	limits->high = read_bytes(path, "memory.high", NO_LIMIT);
	limits->swap_max = read_bytes(path, "memory.swap.max", NO_LIMIT);
	limits->min = read_bytes(path, "memory.min", 0);
	limits->low = read_bytes(path, "memory.low", 0);
	limits->current = read_bytes(path, "memory.current", 0);
	limits->swap_current = read_bytes(path, "memory.swap.current", 0);
}

uint64_t cgroup_limit(const struct cgroup_limits *limits, const char **file)
{
	*file = limits->high < limits->max ? "memory.high" : "memory.max";
	return limits->high < limits->max ? limits->high : limits->max;
}

bool cgroup_swap_is_used_up(const struct cgroup_limits *limits)
{
	return limits->swap_max != NO_LIMIT &&
	       limits->swap_current + (uint64_t)sysconf(_SC_PAGESIZE) > limits->swap_max;
}

bool cgroup_go_up(char *path)
{
	const char *mount = cgroup_mount_point();
	char *slash = strrchr(path, '/');

	if (!slash || !strcmp(path, mount) || (size_t)(slash - path) < strlen(mount))
		return false;
	*slash = '\0';
	return true;
}

void cgroup_go_where_there_is_one(char *path)
{
	while (access(path, F_OK) && cgroup_go_up(path))
		;
}

bool cgroup_is_limited(const char *path)
{
	struct cgroup_limits limits;
	char above[PATH_MAX];
	const char *file;

	snprintf(above, sizeof(above), "%s", path);
	do {
		cgroup_limits_read(above, &limits);
		if (cgroup_limit(&limits, &file) != NO_LIMIT)
			return true;
	} while (cgroup_go_up(above));
	return false;
}
