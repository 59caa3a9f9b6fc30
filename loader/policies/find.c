// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/install.h"
#include "base/suggest.h"
#include "policies/find.h"

#define SUFFIX ".bpf.o"

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

	return beside_program("../policies", folder) ? folder : "";
}

static const char *installed_policies(void)
{
	static char folder[PATH_MAX];

	installed_folder("policies", folder);
	return folder;
}

static void collect_names(const char *folder, struct policy_names *names)
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

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Those of the later folder that are in an earlier one, too, can be had by path only. */
static void sort_names(struct policy_names *names)
{
	size_t kept = 0;

	qsort(names->name, names->nr, sizeof(names->name[0]), compare_names);
	for (size_t i = 0; i < names->nr; i++) {
		if (kept && !strcmp(names->name[kept - 1], names->name[i]))
			free(names->name[i]);
		else
			names->name[kept++] = names->name[i];
	}
	names->nr = kept;
}

void policy_names_read(struct policy_names *names)
{
	names->nr = 0;
	names->name[0] = strdup(BUILTIN_POLICY);
	if (names->name[0])
		names->nr++;
	collect_names(built_policies(), names);
	collect_names(installed_policies(), names);
	sort_names(names);
}

void policy_names_free(struct policy_names *names)
{
	while (names->nr)
		free(names->name[--names->nr]);
}

static enum rc not_found(const char *what, const char *name, struct policy_names *names)
{
	const char *const *pointers = (const char *const *)names->name;
	char todo[512];

	if (names->nr) {
		did_you_mean_or_list(todo, sizeof(todo), "there are", name, pointers, names->nr);
	} else {
		snprintf(todo, sizeof(todo), "give the path of an object, as in ./%.200s" SUFFIX,
			 name);
	}
	policy_names_free(names);
	return report(RC_NOT_FOUND, what, NULL, todo, "no policy '%s'", name);
}

/* A path with folders in it: what else is in that folder? */
static enum rc path_not_found(const char *what, const char *file)
{
	char folder[PATH_MAX], name[NAME_MAX + 1];
	const char *slash = strrchr(file, '/');
	struct policy_names names = { .nr = 0 };

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - file), file);
	if (!policy_bare_name(slash + 1, name, sizeof(name)) || access(folder, X_OK))
		return report(RC_NOT_FOUND, what, file, NULL, "no such file");
	collect_names(folder, &names);
	return not_found(what, name, &names);
}

bool policy_look(const char *file, char *path, size_t size)
{
	const char *const folders[] = { built_policies(), installed_policies() };
	char name[NAME_MAX + 1];

	if (is_file(file)) {
		snprintf(path, size, "%s", file);
		return true;
	}
	if (!policy_bare_name(file, name, sizeof(name)))
		return false;
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, size, "%s/%s" SUFFIX, folders[i], name);
		if (is_file(path))
			return true;
	}
	return false;
}

enum rc policy_find(const char *what, const char *file, char *path, size_t size)
{
	struct policy_names names;
	char name[NAME_MAX + 1];

	if (policy_look(file, path, size))
		return RC_OK;
	if (!*file)
		return report(RC_USAGE, what, NULL, NULL, "the policy's name is empty");
	if (!policy_bare_name(file, name, sizeof(name))) {
		if (strchr(file, '/'))
			return path_not_found(what, file);
		return report(RC_NOT_FOUND, what, file, NULL, "no such file");
	}
	policy_names_read(&names);
	return not_found(what, name, &names);
}
