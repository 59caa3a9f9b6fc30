// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sysfile.h"
#include "cgroups/make.h"
#include "cgroups/path.h"

static enum rc enable_memory(const char *what, const char *parent)
{
	char file[PATH_MAX + 32];
	int err;

	snprintf(file, sizeof(file), "%s/cgroup.subtree_control", parent);
	err = sysfile_write(file, "+memory");
	if (!err)
		return RC_OK;
	return report(rc_of_errno(err), what, parent,
		      err == EBUSY ? "move its processes into cgroups below it" : NULL,
		      "cannot enable the memory controller below it: %s", strerror(err));
}

/* Its parents are all there up to @made, of which *nr were made here. */
static enum rc make_part(const char *what, char *part, char *made, size_t *nr)
{
	char *slash = strrchr(part, '/');
	enum rc rc;

	*slash = '\0';
	rc = enable_memory(what, part);
	*slash = '/';
	if (rc)
		return rc;
	if (!mkdir(part, 0755)) {
		strcpy(made, part);
		(*nr)++;
	} else if (errno != EEXIST) {
		return report(rc_of_errno(errno), what, part, NULL, "cannot make the cgroup: %s",
			      strerror(errno));
	}
	return RC_OK;
}

enum rc cgroup_make(const char *what, const char *path, size_t *nr)
{
	char part[PATH_MAX], made[PATH_MAX];
	size_t at = strlen(cgroup_mount_point());
	enum rc rc = RC_OK;
	int err;

	*nr = 0;
	if (strlen(path) >= sizeof(part))
		return report(RC_USAGE, what, path, NULL, "the cgroup's path is too long");
	while (!rc && path[at]) {
		at += 1 + strcspn(path + at + 1, "/");
		snprintf(part, sizeof(part), "%.*s", (int)at, path);
		rc = make_part(what, part, made, nr);
	}
	if (!rc || !*nr)
		return rc;
	err = cgroup_unmake(made, *nr);
	if (err)
		report(rc_of_errno(err), what, made, "remove it with rmdir",
		       "cannot remove the cgroup again: %s", strerror(err));
	*nr = 0;
	return rc;
}

int cgroup_unmake(const char *path, size_t nr)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (; nr; nr--) {
		if (rmdir(part) && errno != ENOENT)
			return errno;
		*strrchr(part, '/') = '\0';
	}
	return 0;
}
