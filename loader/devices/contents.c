// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tool.h"
#include "devices/contents.h"

/* The end of the first page of a swap area (include/linux/swap.h of the kernel). */
#define SWAP_MAGIC "SWAPSPACE2"
#define SWAP_MAGIC_LEN (sizeof(SWAP_MAGIC) - 1)

/* Exit statuses of "blkid -p". */
enum {
	BLKID_KNOWS = 0,
	BLKID_NOTHING = 2,
	BLKID_SEVERAL = 8
};

static bool is_swap(int fd)
{
	char magic[SWAP_MAGIC_LEN];
	off_t at = sysconf(_SC_PAGESIZE) - (off_t)SWAP_MAGIC_LEN;

	return pread(fd, magic, sizeof(magic), at) == (ssize_t)sizeof(magic) &&
	       !memcmp(magic, SWAP_MAGIC, sizeof(magic));
}

/* The value of a line KEY=VALUE, in @value; false if there is none. */
static bool value_of(const char *said, const char *key, char *value, size_t size)
{
	size_t length = strlen(key);

	for (const char *line = said; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, length) && line[length] == '=') {
			snprintf(value, size, "%.*s", (int)strcspn(line + length + 1, "\n"),
				 line + length + 1);
			return true;
		}
	}
	return false;
}

/* By what blkid said, or NULL if it found several things, as where an old one was not removed. */
static enum rc judge(const char *what, const char *path, const char *said)
{
	char type[32], label[64], todo[PATH_MAX + 64];

	snprintf(todo, sizeof(todo), "if that can go, remove it with 'wipefs --all %s'", path);
	if (!said)
		return report(RC_EXISTS, what, path, todo,
			      "is not empty: blkid finds several things there");
	if (value_of(said, "PTTYPE", type, sizeof(type)))
		return report(RC_EXISTS, what, path, todo, "has a partition table (%s)", type);
	/* Of a partition that is empty blkid tells where it is. */
	if (!value_of(said, "TYPE", type, sizeof(type)))
		return RC_OK;
	if (value_of(said, "LABEL", label, sizeof(label)))
		return report(RC_EXISTS, what, path, todo, "is not empty: %s, label \"%s\"", type,
			      label);
	return report(RC_EXISTS, what, path, todo, "is not empty: %s", type);
}

enum rc contents_check(const char *what, const char *path)
{
	const char *const argv[] = { "blkid", "-p", "-o", "export", path, NULL };
	char said[1024];
	int fd, status;
	bool swap;
	enum rc rc;

	if (!*path)
		return RC_OK;
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	if (fd < 0 && errno == EBUSY)
		return RC_OK;
	if (fd < 0)
		return report(rc_of_errno(errno), what, path, NULL, "%s", strerror(errno));
	swap = is_swap(fd);
	close(fd);
	if (swap)
		return RC_OK;
	rc = tool_run(what, argv, "util-linux", said, sizeof(said), &status);
	if (rc || status == BLKID_NOTHING)
		return rc;
	if (status == BLKID_KNOWS || status == BLKID_SEVERAL)
		return judge(what, path, status == BLKID_KNOWS ? said : NULL);
	return report(RC_FAILED, what, path, NULL, "blkid: %.*s", (int)strcspn(said, "\n"), said);
}
