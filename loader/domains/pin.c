// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/magic.h>

#include "base/error.h"
#include "cgroups/path.h"
#include "common/quantity.h"
#include "domains/pin.h"

#define BPF_FS "/sys/fs/bpf"
#define PIN_FOLDER BPF_FS "/mage"

static void pin_path(uint64_t cgroup_id, char *path, size_t size)
{
	snprintf(path, size, PIN_FOLDER "/%" PRIu64, cgroup_id);
}

/* A link that its policy has left has no map any more. */
static int look_at_link(int fd, enum pin_state *state)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	int err = bpf_link_get_info_by_fd(fd, &info, &len);

	if (err)
		return err;
	if (info.type != BPF_LINK_TYPE_STRUCT_OPS)
		return -EINVAL;
	*state = info.struct_ops.map_id ? PIN_LIVE : PIN_STALE;
	return 0;
}

static int open_pin(uint64_t cgroup_id, enum pin_state *state, int *fd)
{
	char path[64];
	int err;

	*state = PIN_NONE;
	pin_path(cgroup_id, path, sizeof(path));
	*fd = bpf_obj_get(path);
	if (*fd == -ENOENT)
		return 0;
	if (*fd < 0)
		return *fd;
	err = look_at_link(*fd, state);
	if (err) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

enum rc pin_open(const char *what, uint64_t cgroup_id, enum pin_state *state, int *fd)
{
	char path[64];
	int err = open_pin(cgroup_id, state, fd);

	if (!err)
		return RC_OK;
	pin_path(cgroup_id, path, sizeof(path));
	if (err == -EINVAL)
		return report(RC_FAILED, what, path, "remove it by hand",
			      "is not the link of a policy");
	return report(rc_of_errno(-err), what, path, NULL, "cannot open the pin: %s",
		      strerror(-err));
}

enum pin_state pin_look(uint64_t cgroup_id)
{
	enum pin_state state;
	int fd, err = open_pin(cgroup_id, &state, &fd);

	if (err)
		return PIN_UNKNOWN;
	if (state != PIN_NONE)
		close(fd);
	return state;
}

int pin_map(int link_fd)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	uint32_t before;
	int fd, err;

	do {
		before = info.struct_ops.map_id;
		len = sizeof(info);
		err = bpf_link_get_info_by_fd(link_fd, &info, &len);
		if (err)
			return err;
		if (!info.struct_ops.map_id)
			return -ENOENT;
		fd = bpf_map_get_fd_by_id(info.struct_ops.map_id);
		/* The policy was replaced, and its map freed, between the two. */
	} while (fd == -ENOENT && info.struct_ops.map_id != before);
	return fd;
}

/* Many small systems leave mounting to whoever needs it, as bpftool does. */
static enum rc prepare_folder(const char *what)
{
	struct statfs fs;

	if (statfs(BPF_FS, &fs))
		return report(rc_of_errno(errno), what, BPF_FS, NULL, "%s", strerror(errno));
	if (fs.f_type != BPF_FS_MAGIC && mount("bpf", BPF_FS, "bpf", 0, "mode=0700"))
		return report(rc_of_errno(errno), what, BPF_FS, NULL,
			      "cannot mount the BPF file system: %s", strerror(errno));
	if (mkdir(PIN_FOLDER, 0700) && errno != EEXIST)
		return report(rc_of_errno(errno), what, PIN_FOLDER, NULL, "%s", strerror(errno));
	return RC_OK;
}

enum rc pin_make(const char *what, uint64_t cgroup_id, int link_fd)
{
	enum rc rc = prepare_folder(what);
	char path[64];
	int err;

	if (rc)
		return rc;
	pin_path(cgroup_id, path, sizeof(path));
	err = bpf_obj_pin(link_fd, path);
	if (err)
		return report(rc_of_errno(-err), what, path, NULL, "cannot pin the policy: %s",
			      strerror(-err));
	return RC_OK;
}

enum rc pin_remove(const char *what, uint64_t cgroup_id)
{
	char path[64];

	pin_path(cgroup_id, path, sizeof(path));
	if (unlink(path) && errno != ENOENT)
		return report(rc_of_errno(errno), what, path, NULL, "cannot remove the pin: %s",
			      strerror(errno));
	return RC_OK;
}

void pin_drop(uint64_t cgroup_id)
{
	enum pin_state state;
	char path[64];
	int fd;

	if (open_pin(cgroup_id, &state, &fd) || state == PIN_NONE)
		return;
	bpf_link_detach(fd);
	close(fd);
	pin_path(cgroup_id, path, sizeof(path));
	unlink(path);
}

static bool is_leftover(const char *name, uint64_t *id)
{
	char *path;

	if (parse_number(name, UINT64_MAX, id) != PARSE_OK || pin_look(*id) != PIN_STALE)
		return false;
	path = cgroup_path(*id);
	free(path);
	return !path;
}

void pin_sweep(void)
{
	DIR *dir = opendir(PIN_FOLDER);
	struct dirent *entry;
	char path[64];
	uint64_t id;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!is_leftover(entry->d_name, &id))
			continue;
		pin_path(id, path, sizeof(path));
		unlink(path);
	}
	closedir(dir);
}
