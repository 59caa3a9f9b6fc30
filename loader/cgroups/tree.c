// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups/tree.h"

static void read_stat(struct cgroup_node *node)
{
	char file[PATH_MAX + 32], name[64];
	uint64_t value;
	FILE *stream;

	snprintf(file, sizeof(file), "%s/memory.stat", node->path);
	stream = fopen(file, "re");
	if (!stream)
		return;
	while (fscanf(stream, "%63s %" SCNu64, name, &value) == 2) {
		if (!strcmp(name, "inactive_file") || !strcmp(name, "active_file") ||
		    !strcmp(name, "slab_reclaimable"))
			node->droppable += value;
		else if (!strcmp(name, "swapcached"))
			node->swap_cached = value;
	}
	fclose(stream);
}

static int add(struct cgroup_tree *tree, const char *path, uint64_t id, size_t parent)
{
	struct cgroup_node *grown = reallocarray(tree->node, tree->nr + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	tree->node = grown;
	grown += tree->nr;
	*grown = (struct cgroup_node){ .path = strdup(path), .id = id, .parent = parent };
	if (!grown->path)
		return -ENOMEM;
	tree->nr++;
	cgroup_limits_read(path, &grown->limits);
	read_stat(grown);
	return 0;
}

/* The next ones below @path, which those without the controller cannot have it above either. */
static int add_below(struct cgroup_tree *tree, const char *path, size_t parent)
{
	char below[PATH_MAX], file[PATH_MAX + 32];
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct stat st;
	int err = 0;

	while (dir && !err && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >= PATH_MAX)
			continue;
		snprintf(file, sizeof(file), "%s/memory.current", below);
		if (!access(file, F_OK) && !stat(below, &st))
			err = add(tree, below, st.st_ino, parent);
	}
	if (dir)
		closedir(dir);
	return err;
}

int cgroup_tree_read(const char *top, struct cgroup_tree *tree)
{
	struct stat st = { 0 };
	int err;

	memset(tree, 0, sizeof(*tree));
	stat(top, &st);
	err = add(tree, top, st.st_ino, NO_PARENT);
	for (size_t i = 0; i < tree->nr && !err; i++)
		err = add_below(tree, tree->node[i].path, i);
	return err;
}

void cgroup_tree_free(struct cgroup_tree *tree)
{
	for (size_t i = 0; i < tree->nr; i++)
		free(tree->node[i].path);
	free(tree->node);
	memset(tree, 0, sizeof(*tree));
}
