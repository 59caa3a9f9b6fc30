// SPDX-License-Identifier: GPL-2.0-only
/* From a cgroup's path to its id, and what its files say. */
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/error.h"
#include "base/suggest.h"
#include "cgroups/cgroup.h"
#include "cgroups/path.h"

#define MOST_SIBLINGS 256

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* MOUNT-POINT/path, to be freed; NULL without memory. */
static char *below_mount_point(const char *path)
{
	char *joined;

	while (*path == '/')
		path++;
	if (asprintf(&joined, "%s/%s", cgroup_mount_point(), path) < 0)
		return NULL;
	return joined;
}

/* Where the first part of @path ends that is not there. */
static char *first_missing(char *path)
{
	char *end = path, last;

	do {
		end += 1 + strcspn(end + 1, "/");
		last = *end;
		*end = '\0';
		if (!is_directory(path)) {
			*end = last;
			return end;
		}
		*end = last;
	} while (last);
	return end;
}

/* The one that was probably meant by the first part of @path, which is changed, that is not there. */
static enum rc not_found(const char *what, const char *typed, char *path)
{
	char *names[MOST_SIBLINGS], *end = first_missing(path), *slash, todo[512];
	const char *near, *rest = end + (*end == '/');
	struct dirent *entry;
	size_t nr = 0;
	DIR *dir;

	*end = '\0';
	slash = strrchr(path, '/');
	*slash = '\0';
	dir = opendir(path);
	while (dir && nr < MOST_SIBLINGS && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		names[nr] = strdup(entry->d_name);
		nr += names[nr] != NULL;
	}
	if (dir)
		closedir(dir);
	near = suggest(slash + 1, (const char *const *)names, nr);
	if (near)
		snprintf(todo, sizeof(todo), "did you mean %.150s/%.150s%s%.150s?", path, near,
			 *rest ? "/" : "", rest);
	else
		snprintf(todo, sizeof(todo), "create it with mkdir below %.200s",
			 cgroup_mount_point());
	while (nr)
		free(names[--nr]);
	return report(RC_NOT_FOUND, what, typed, todo, "no such cgroup");
}

static bool is_cgroup(const char *path, uint64_t *id)
{
	struct statfs fs;
	struct stat st;

	if (!is_directory(path) || statfs(path, &fs) || stat(path, &st) ||
	    fs.f_type != CGROUP2_SUPER_MAGIC)
		return false;
	*id = st.st_ino;
	return true;
}

char *cgroup_below(const char *typed)
{
	bool absolute = !strncmp(typed, cgroup_mount_point(), strlen(cgroup_mount_point()));
	char *below = absolute ? strdup(typed) : below_mount_point(typed);

	if (!below)
		return NULL;
	for (char *end = below + strlen(below); end - 1 > below && end[-1] == '/'; end--)
		end[-1] = '\0';
	return below;
}

/* The typed path, or else the one below the mount point, *below, which is to be freed. */
static bool look(const char *typed, uint64_t *id, char **below)
{
	*below = NULL;
	if (*typed && is_cgroup(typed, id))
		return true;
	*below = cgroup_below(typed);
	return *below && *typed && is_cgroup(*below, id);
}

bool cgroup_look(const char *typed, uint64_t *id)
{
	char *below;
	bool found = look(typed, id, &below);

	free(below);
	return found;
}

enum rc cgroup_find(const char *what, const char *typed, uint64_t *id)
{
	enum rc rc = RC_OK;
	char *below;

	if (!*typed)
		return report(RC_USAGE, what, NULL, NULL, "the cgroup's path is empty");
	if (!look(typed, id, &below)) {
		if (!below)
			return report(RC_FAILED, what, typed, NULL, "out of memory");
		if (is_directory(typed) || is_directory(below))
			rc = report(RC_NOT_FOUND, what, typed,
				    "give a directory below /sys/fs/cgroup",
				    "is no cgroup (version 2)");
		else
			rc = not_found(what, typed, below);
	}
	free(below);
	return rc;
}

static bool has_memory_controller(const char *path)
{
	char *file;
	bool has;

	/* Without memory for the name the kernel has the last word. */
	if (asprintf(&file, "%s/memory.current", path) < 0)
		return true;
	has = !access(file, F_OK);
	free(file);
	return has;
}

enum rc cgroup_check(const char *what, const char *typed, uint64_t id)
{
	char *path = cgroup_path(id);
	enum rc rc = RC_OK;

	/* Gone, or outside of our view: then the kernel has the last word. */
	if (!path)
		return RC_OK;
	if (!strcmp(path, cgroup_mount_point())) {
		rc = report(RC_FAILED, what, typed, "make a cgroup below it",
			    "the root cgroup cannot be governed");
	} else if (!has_memory_controller(path)) {
		char todo[512];

		snprintf(todo, sizeof(todo), "echo +memory > %.*s/cgroup.subtree_control",
			 (int)(strrchr(path, '/') - path), path);
		rc = report(RC_FAILED, what, typed, todo,
			    "the cgroup's memory controller is not enabled");
	}
	free(path);
	return rc;
}

int64_t cgroup_memory_stat(const char *path, const char *counter)
{
	int64_t value, found = -1;
	char *file, name[64];
	FILE *stream;

	if (asprintf(&file, "%s/memory.stat", path) < 0)
		return -1;
	stream = fopen(file, "re");
	free(file);
	if (!stream)
		return -1;
	while (fscanf(stream, "%63s %" SCNd64, name, &value) == 2) {
		if (!strcmp(name, counter)) {
			found = value;
			break;
		}
	}
	fclose(stream);
	return found;
}
