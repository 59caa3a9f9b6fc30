// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "cgroups/limits.h"
#include "devices/target.h"
#include "domains/evictable.h"

static enum rc no_swap_left(const char *what, const char *on, const char *path,
			    const struct cgroup_limits *limits)
{
	char todo[PATH_MAX + 80];

	snprintf(todo, sizeof(todo), "raise it, as in echo max >%s/memory.swap.max, or add --force",
		 path);
	if (!limits->swap_max)
		return report(RC_FAILED, what, on, todo,
			      "nothing could be evicted: memory.swap.max of %.300s is 0", path);
	return report(RC_FAILED, what, on, todo,
		      "nothing could be evicted: memory.swap.max of %.300s is used up, %" PRIu64
		      " MiB",
		      path, limits->swap_current >> 20);
}

enum rc evictable_cgroup(const char *what, const char *on, const char *path)
{
	struct cgroup_limits limits;
	char above[PATH_MAX];

	snprintf(above, sizeof(above), "%s", path);
	cgroup_go_where_there_is_one(above);
	do {
		cgroup_limits_read(above, &limits);
		if (cgroup_swap_is_used_up(&limits))
			return no_swap_left(what, on, above, &limits);
	} while (cgroup_go_up(above));
	return RC_OK;
}

static enum rc evictable_devices(const char *what, const char *on, struct genl *genl)
{
	struct device *devices;
	enum rc rc;
	size_t nr;
	int err;

	err = genl_devices(genl, &devices, &nr);
	if (err)
		return genl_fail(genl, err, what, on, NULL);
	rc = targets_check(what, on, devices, nr);
	free(devices);
	return rc;
}

enum rc evictable_check(const char *what, const char *on, struct genl *genl, const char *path)
{
	enum rc rc = evictable_devices(what, on, genl);

	return rc ? rc : evictable_cgroup(what, on, path);
}

void evictable_note(const char *on, const char *path)
{
	if (!cgroup_is_limited(path))
		printf("%s: note: no limit is on it or above it: only the pressure of the whole "
		       "machine evicts, unless memory.max is set\n",
		       on);
}
