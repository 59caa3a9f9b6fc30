/* SPDX-License-Identifier: GPL-2.0-only */
/* A cgroup with all that are below it, and how much memory each has. */
#ifndef MAGE_CGROUPS_TREE_H
#define MAGE_CGROUPS_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "cgroups/limits.h"

#define NO_PARENT SIZE_MAX

struct cgroup_node {
	char *path;
	uint64_t id;
	size_t parent; /* its index, or NO_PARENT */
	struct cgroup_limits limits;
	/* These count what is below it, too: */
	uint64_t droppable; /* bytes of files and of caches that go when there is need */
	uint64_t swap_cached; /* bytes that are in memory and in swap */
};

/* Each comes after the one above it. */
struct cgroup_tree {
	struct cgroup_node *node;
	size_t nr;
};

/*
 * Reads those with the memory controller, and the top one in any case; those that go meanwhile
 * are as empty.  0 or a negative errno; cgroup_tree_free() is right in either case.
 */
int cgroup_tree_read(const char *top, struct cgroup_tree *tree);
void cgroup_tree_free(struct cgroup_tree *tree);

#endif
