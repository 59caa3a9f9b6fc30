// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "policy_find.h"
#include "suggest.h"

#define SUFFIX ".bpf.o"
#define INSTALLED "/usr/lib/mage/policies"
#define MOST_POLICIES 128

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

bool policy_bare_name(const char *file, char *name, size_t size)
{
	static const char folder[] = "policies/";
	size_t len;

	if (!strncmp(file, folder, strlen(folder)))
		file += strlen(folder);
	len = strlen(file);
	if (ends_with(file, SUFFIX))
		len -= strlen(SUFFIX);
	if (!len || strchr(file, '/') || len >= size)
		return false;
	memcpy(name, file, len);
	name[len] = '\0';
	return true;
}

/* The policies of the tree that this program was built in; "" if unknown. */
static const char *built_policies(void)
{
	static char folder[PATH_MAX];
	char self[PATH_MAX - 16], *slash;
	ssize_t len;

	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		return "";
	self[len] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return "";
	*slash = '\0';
	snprintf(folder, sizeof(folder), "%s/../policies", self);
	return folder;
}

struct names {
	char *name[MOST_POLICIES];
	size_t nr;
};

static void collect_names(const char *folder, struct names *names)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir(folder);
	if (!dir)
		return;
	while (names->nr < MOST_POLICIES && (entry = readdir(dir))) {
		char name[NAME_MAX + 1];

		if (!ends_with(entry->d_name, SUFFIX) ||
		    !policy_bare_name(entry->d_name, name, sizeof(name)))
			continue;
		names->name[names->nr] = strdup(name);
		names->nr += names->name[names->nr] != NULL;
	}
	closedir(dir);
}

static enum rc not_found(const char *what, const char *name, const char *const *folders,
			 size_t nr_folders)
{
	struct names names = { .nr = 0 };
	char todo[512];
	const char *near;

	for (size_t i = 0; i < nr_folders; i++)
		collect_names(folders[i], &names);
	near = suggest(name, (const char *const *)names.name, names.nr);
	if (near) {
		snprintf(todo, sizeof(todo), "did you mean %s?", near);
	} else if (names.nr) {
		size_t used = (size_t)snprintf(todo, sizeof(todo), "there are");

		for (size_t i = 0; i < names.nr && used < sizeof(todo); i++)
			used += (size_t)snprintf(todo + used, sizeof(todo) - used, "%s %s",
						 i ? "," : "", names.name[i]);
	} else {
		snprintf(todo, sizeof(todo), "give the path of an object, as in ./%.200s" SUFFIX,
			 name);
	}
	while (names.nr)
		free(names.name[--names.nr]);
	return report(RC_NOT_FOUND, what, NULL, todo, "no policy '%s'", name);
}

/* A path with folders in it: what else is in that folder? */
static enum rc path_not_found(const char *what, const char *file)
{
	char folder[PATH_MAX], name[NAME_MAX + 1];
	const char *const folders[] = { folder };
	const char *slash = strrchr(file, '/');

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - file), file);
	if (policy_bare_name(slash + 1, name, sizeof(name)) && !access(folder, X_OK))
		return not_found(what, name, folders, 1);
	return report(RC_NOT_FOUND, what, file, NULL, "no such file");
}

enum rc policy_find(const char *what, const char *file, char *path, size_t size)
{
	const char *const folders[] = { built_policies(), INSTALLED };
	char name[NAME_MAX + 1];

	if (is_file(file)) {
		snprintf(path, size, "%s", file);
		return RC_OK;
	}
	if (!*file)
		return report(RC_USAGE, what, NULL, NULL, "the policy's name is empty");
	if (!policy_bare_name(file, name, sizeof(name))) {
		if (strchr(file, '/'))
			return path_not_found(what, file);
		return report(RC_NOT_FOUND, what, file, NULL, "no such file");
	}
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, size, "%s/%s" SUFFIX, folders[i], name);
		if (is_file(path))
			return RC_OK;
	}
	return not_found(what, name, folders, 2);
}
