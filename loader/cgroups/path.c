// SPDX-License-Identifier: GPL-2.0-only
/* From a cgroup's id to its path. */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups/path.h"

/* The kernel's exportfs type of a 64-bit kernfs id, which no uapi header has. */
#define FILEID_KERNFS 0xfe

const char *cgroup_mount_point(void)
{
	static char found[PATH_MAX];
	struct mntent *entry;
	FILE *mounts;

	if (found[0])
		return found;
	strcpy(found, "/sys/fs/cgroup");
	mounts = setmntent("/proc/self/mounts", "r");
	if (!mounts)
		return found;
	while ((entry = getmntent(mounts))) {
		if (!strcmp(entry->mnt_type, "cgroup2")) {
			snprintf(found, sizeof(found), "%s", entry->mnt_dir);
			break;
		}
	}
	endmntent(mounts);
	return found;
}

/* Another mount of cgroups may have been found, or a part that we cannot see. */
static bool is_below_mount_point(const char *path)
{
	size_t len = strlen(cgroup_mount_point());

	return !strncmp(path, cgroup_mount_point(), len) && (!path[len] || path[len] == '/');
}

/* By file handle: needs CAP_DAC_READ_SEARCH, and takes no search. */
static char *path_by_handle(uint64_t id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} u = { 0 };
	char link[64], target[PATH_MAX];
	int mount_fd, fd;
	ssize_t len;

	mount_fd = open(cgroup_mount_point(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount_fd < 0)
		return NULL;
	u.handle.handle_bytes = sizeof(id);
	u.handle.handle_type = FILEID_KERNFS;
	memcpy(u.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount_fd, &u.handle, O_PATH | O_CLOEXEC);
	close(mount_fd);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target) - 1);
	close(fd);
	if (len < 0)
		return NULL;
	target[len] = '\0';
	return is_below_mount_point(target) ? strdup(target) : NULL;
}

/* nftw() has no argument for its callback. */
static struct {
	uint64_t id;
	char *path;
} search;

static int compare_id(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type != FTW_D || st->st_ino != search.id)
		return 0;
	search.path = strdup(path);
	return 1;
}

char *cgroup_path(uint64_t id)
{
	char *path = path_by_handle(id);

	if (path)
		return path;
	search.id = id;
	search.path = NULL;
	nftw(cgroup_mount_point(), compare_id, 16, FTW_PHYS | FTW_MOUNT);
	return search.path;
}

const char *cgroup_shown(const char *path)
{
	size_t len = strlen(cgroup_mount_point());

	if (!path)
		return "(gone)";
	if (strncmp(path, cgroup_mount_point(), len))
		return path;
	return path[len] ? path + len : "/";
}
