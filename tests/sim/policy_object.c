// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "maps.h"
#include "policy_object.h"
#include "base/suggest.h"
#include "policies/tunable.h"

static const char *directory(void)
{
	static char path[PATH_MAX];
	ssize_t len;
	char *slash;

	if (*path)
		return path;
	len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("policies") - 1);
	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, "policies");
	return path;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

u32 policy_names(const char **names)
{
	DIR *dir = opendir(directory());
	struct dirent *entry;
	u32 nr = 0;

	if (!dir)
		return 0;
	while (nr < POLICIES_MAX && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len > 3 && !strcmp(entry->d_name + len - 3, ".so"))
			names[nr++] = strndup(entry->d_name, len - 3);
	}
	closedir(dir);
	qsort(names, nr, sizeof(*names), by_name);
	return nr;
}

static bool no_policy(const char *name)
{
	const char *names[POLICIES_MAX];
	u32 nr = policy_names(names);
	const char *meant = suggest(name, names, nr);

	if (meant)
		return complain("no policy '%s'; did you mean %s?", name, meant);
	return complain("no policy '%s' in %s; 'make sim' builds them", name, directory());
}

bool policy_open(struct policy_object *object, const char *name)
{
	const struct mage_ops *const *ops;
	struct sim_tunable **tunables;
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s.so", directory(), name);
	if (strchr(name, '/') || access(path, R_OK))
		return no_policy(name);
	object->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object->handle)
		return complain("policy %s: %s", name, dlerror());
	ops = dlsym(object->handle, SIM_OBJECT_POLICY);
	tunables = dlsym(object->handle, SIM_OBJECT_TUNABLES);
	if (!ops || !tunables) {
		policy_close(object);
		return complain("policy %s: it has no MAGE_POLICY", name);
	}
	object->ops = *ops;
	object->tunables = *tunables;
	return true;
}

void policy_close(struct policy_object *object)
{
	maps_free();
	dlclose(object->handle);
}

static struct sim_tunable *find(const struct policy_object *object, const char *name)
{
	struct sim_tunable *tunable = object->tunables;

	while (tunable && strcmp(tunable->name, name))
		tunable = tunable->next;
	return tunable;
}

bool policy_has(const struct policy_object *object, const char *setting)
{
	char name[TUNABLE_NAME_LEN];
	const char *value;

	return tunable_split(setting, name, sizeof(name), &value) && find(object, name);
}

bool policy_set(const struct policy_object *object, const char *policy, const char *setting)
{
	char name[TUNABLE_NAME_LEN], range[64];
	struct tunable type = { 0 };
	struct sim_tunable *tunable;
	const char *text;
	int64_t value;

	if (!tunable_split(setting, name, sizeof(name), &text))
		return complain("--set %s: it must be NAME=VALUE", setting);
	tunable = find(object, name);
	if (!tunable)
		return complain("--set %s: policy %s has no such tunable", setting, policy);
	type.size = tunable->size;
	type.is_signed = tunable->is_signed;
	type.is_bool = tunable->is_bool;
	tunable_type_limits(&type);
	tunable_read_range(&type, tunable->range);
	if (tunable_parse(&type, text, &value) != TUNABLE_OK) {
		tunable_format_range(&type, range, sizeof(range));
		return complain("--set %s: it must be %s", setting, range);
	}
	tunable_store(&type, value, tunable->at);
	return true;
}
