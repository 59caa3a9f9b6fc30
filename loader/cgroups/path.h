/* SPDX-License-Identifier: GPL-2.0-only */
/* Where cgroups (v2) are: from an id to a path. */
#ifndef MAGE_CGROUPS_PATH_H
#define MAGE_CGROUPS_PATH_H

#include <stdint.h>

/* Where cgroup v2 is mounted; the usual place if /proc does not tell. */
const char *cgroup_mount_point(void);

/*
 * The path of a cgroup ("/sys/fs/cgroup/demo"), to be freed, or NULL if there
 * is none with this id.
 */
char *cgroup_path(uint64_t id);

/* How a path is shown: without the mount point; "(gone)" for NULL. */
const char *cgroup_shown(const char *path);

#endif
