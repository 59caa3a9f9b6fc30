/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory that stands for /sys; cmocka.h first. */
#ifndef LOADER_SYS_H
#define LOADER_SYS_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char sys[64];

/* Makes it, empty. */
static inline bool sys_make(void)
{
	strcpy(sys, "/tmp/loader_sys.XXXXXX");
	return mkdtemp(sys) != NULL;
}

static inline int sys_remove_one(const char *path, const struct stat *st, int type,
				 struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

/* Removes all of it. */
static inline int sys_remove(void)
{
	return nftw(sys, sys_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a name in it, of which all directories are there. */
static inline const char *below(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", sys, name);
	for (char *slash = path + strlen(sys) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return path;
}

/* A file with a line. */
static inline void put(const char *name, const char *text)
{
	FILE *file = fopen(below(name), "w");

	assert_non_null(file);
	fprintf(file, "%s\n", text);
	fclose(file);
}

/* A symbolic link, in place of what is there. */
static inline void point(const char *name, const char *to)
{
	const char *path = below(name);

	unlink(path);
	assert_int_equal(symlink(to, path), 0);
}

#endif
