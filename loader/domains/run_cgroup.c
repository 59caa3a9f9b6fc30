// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sysfile.h"
#include "cgroups/path.h"
#include "common/quantity.h"
#include "domains/pin.h"
#include "domains/run_cgroup.h"

#define PARENT "mage"
#define PREFIX "run-"

static int put(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return sysfile_write(path, text);
}

void run_cgroup_parent(char *path, size_t size)
{
	snprintf(path, size, "%s/" PARENT, cgroup_mount_point());
}

/* That of a mage that was killed before it could clean up, and whose command has ended. */
static bool is_leftover(const char *name)
{
	uint64_t pid;

	return !strncmp(name, PREFIX, strlen(PREFIX)) &&
	       parse_number(name + strlen(PREFIX), INT_MAX, &pid) == PARSE_OK &&
	       kill((pid_t)pid, 0) && errno == ESRCH;
}

static bool is_empty(int events)
{
	char text[256];
	ssize_t len = pread(events, text, sizeof(text) - 1, 0);

	if (len <= 0)
		return true;
	text[len] = '\0';
	return strstr(text, "populated 0");
}

static void remove_leftover(int parent, const char *name)
{
	char path[NAME_MAX + 32];
	struct stat st;
	bool empty;
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.events", name);
	fd = openat(parent, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	empty = is_empty(fd);
	close(fd);
	if (!empty || fstatat(parent, name, &st, 0))
		return;
	pin_drop(st.st_ino);
	unlinkat(parent, name, AT_REMOVEDIR);
}

static void sweep(const char *parent)
{
	struct dirent *entry;
	DIR *dir = opendir(parent);

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (is_leftover(entry->d_name))
			remove_leftover(dirfd(dir), entry->d_name);
	}
	closedir(dir);
}

static enum rc make_parent(const char *what, const char *parent)
{
	static const char control[] = "cgroup.subtree_control";
	int err;

	err = put(cgroup_mount_point(), control, "+memory");
	if (err)
		return report(rc_of_errno(err), what, cgroup_mount_point(),
			      err == ENOENT ? "mount cgroup2 there" : NULL,
			      "cannot enable the memory controller: %s", strerror(err));
	if (mkdir(parent, 0755) && errno != EEXIST)
		return report(rc_of_errno(errno), what, parent, NULL, "cannot make the cgroup: %s",
			      strerror(errno));
	err = put(parent, control, "+memory");
	/* Another mage may have removed it just now; whoever comes next sees that. */
	if (err && err != ENOENT)
		return report(rc_of_errno(err), what, parent, NULL,
			      "cannot enable the memory controller: %s", strerror(err));
	return RC_OK;
}

enum rc run_cgroup_make(const char *what, uint64_t limit, char *path, size_t size)
{
	char parent[PATH_MAX], bytes[24];
	int err, tries = 5;
	enum rc rc;

	run_cgroup_parent(parent, sizeof(parent));
	snprintf(path, size, "%s/" PREFIX "%d", parent, (int)getpid());
	snprintf(bytes, sizeof(bytes), "%" PRIu64, limit);
	do {
		rc = make_parent(what, parent);
		if (rc)
			return rc;
		err = mkdir(path, 0755) ? errno : 0;
	} while (err == ENOENT && --tries);
	if (err)
		return report(rc_of_errno(err), what, path, NULL, "cannot make the cgroup: %s",
			      strerror(err));
	sweep(parent);
	err = put(path, "memory.max", bytes);
	if (!err)
		return RC_OK;
	rc = report(rc_of_errno(err), what, path, NULL, "cannot set memory.max: %s", strerror(err));
	run_cgroup_remove(what, path);
	return rc;
}

/* The kernel wakes those who poll cgroup.events when the last process has gone. */
static int wait_until_empty(const char *path)
{
	struct pollfd events = { .events = POLLPRI };
	char file[PATH_MAX + 32];

	snprintf(file, sizeof(file), "%s/cgroup.events", path);
	events.fd = open(file, O_RDONLY | O_CLOEXEC);
	if (events.fd < 0)
		return errno;
	while (!is_empty(events.fd))
		poll(&events, 1, -1);
	close(events.fd);
	return 0;
}

enum rc run_cgroup_empty(const char *what, const char *path)
{
	int err = put(path, "cgroup.kill", "1");

	if (!err)
		err = wait_until_empty(path);
	if (!err)
		return RC_OK;
	return report(rc_of_errno(err), what, path, NULL, "cannot end what runs in the cgroup: %s",
		      strerror(err));
}

enum rc run_cgroup_remove(const char *what, const char *path)
{
	char parent[PATH_MAX];

	if (rmdir(path))
		return report(rc_of_errno(errno), what, path, "remove it with rmdir",
			      "cannot remove the cgroup: %s", strerror(errno));
	/* Refused as long as another command runs. */
	run_cgroup_parent(parent, sizeof(parent));
	rmdir(parent);
	return RC_OK;
}
