// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sysfile.h"
#include "devices/disk.h"

/* Devices that are stacked on one another: more than anybody has. */
#define MOST_FLOORS 16

enum rc disk_size(const char *what, const char *path, uint64_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = errno;
	enum rc rc = RC_OK;
	struct stat st;

	if (fd < 0)
		return report(rc_of_errno(err), what, path, NULL, "%s", strerror(err));
	if (fstat(fd, &st) || !S_ISBLK(st.st_mode))
		rc = report(RC_NOT_FOUND, what, path, "name one as in /dev/nvme0n1p2",
			    "is no block device");
	else if (ioctl(fd, BLKGETSIZE64, bytes))
		rc = report(RC_FAILED, what, path, NULL, "%s", strerror(errno));
	close(fd);
	return rc;
}

/* Where sysfs has a block device; false if it has none of that number. */
static bool sys_path(const char *sys, dev_t number, char *path)
{
	char link[PATH_MAX];

	snprintf(link, sizeof(link), "%s/dev/block/%u:%u", sys, major(number), minor(number));
	return realpath(link, path) != NULL;
}

/* Of a partition, its disk. */
static void whole_disk(char *path)
{
	char text[16], *slash;

	if (!sysfile_readf(text, sizeof(text), "%s/partition", path))
		return;
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
}

static const char *name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void disk_model(const char *sys, const char *path, char *model, size_t size)
{
	char disk[PATH_MAX];
	struct stat st;

	*model = '\0';
	if (stat(path, &st) || !S_ISBLK(st.st_mode) || !sys_path(sys, st.st_rdev, disk))
		return;
	whole_disk(disk);
	if (sysfile_readf(model, size, "%s/device/model", disk))
		return;
	if (sysfile_readf(model, size, "%s/dm/name", disk) ||
	    sysfile_readf(model, size, "%s/md/level", disk) ||
	    sysfile_readf(model, size, "%s/loop/backing_file", disk))
		return;
	*model = '\0';
}

/* Calls @each for the disks below a device, which is one itself if nothing is below it. */
static bool below(const char *path, unsigned int floors, bool (*each)(const char *, void *),
		  void *context)
{
	char slaves[PATH_MAX + 8], disk[PATH_MAX], link[2 * PATH_MAX];
	bool found = false, any = false;
	struct dirent *entry;
	DIR *dir;

	snprintf(disk, sizeof(disk), "%s", path);
	whole_disk(disk);
	snprintf(slaves, sizeof(slaves), "%s/slaves", disk);
	dir = floors ? opendir(slaves) : NULL;
	while (dir && !found && (entry = readdir(dir))) {
		char slave[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		any = true;
		snprintf(link, sizeof(link), "%s/%s", slaves, entry->d_name);
		found = realpath(link, slave) && below(slave, floors - 1, each, context);
	}
	if (dir)
		closedir(dir);
	return found || (!any && each(disk, context));
}

struct meeting {
	const char *other; /* where sysfs has it */
	const char *disk; /* of the one */
	char *name;
};

static bool is_the_same(const char *disk, void *context)
{
	const struct meeting *meeting = context;

	return !strcmp(disk, meeting->disk);
}

static bool has_it_too(const char *disk, void *context)
{
	struct meeting *meeting = context;

	meeting->disk = disk;
	if (!below(meeting->other, MOST_FLOORS, is_the_same, meeting))
		return false;
	snprintf(meeting->name, DISK_NAME_LEN, "%s", name_in(disk));
	return true;
}

bool disks_meet(const char *sys, dev_t one, dev_t other, char *disk)
{
	char path[PATH_MAX], other_path[PATH_MAX];
	struct meeting meeting = { .other = other_path, .name = disk };

	return sys_path(sys, one, path) && sys_path(sys, other, other_path) &&
	       below(path, MOST_FLOORS, has_it_too, &meeting);
}
