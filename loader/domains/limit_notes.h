/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The limits that somebody wrote to the cgroups above and below a governed one, and what comes of
 * each.  Only computes, from the tree of cgroups.
 */
#ifndef MAGE_DOMAINS_LIMIT_NOTES_H
#define MAGE_DOMAINS_LIMIT_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroups/tree.h"

enum limit_effect {
	LIMIT_KEPT, /* by evicting pages */
	LIMIT_STOPS, /* nothing can be evicted, because of it */
	LIMIT_PROTECTS, /* what it protects leaves nothing to be evicted */
	LIMIT_BREACHED, /* what it protects is evicted all the same */
};

struct limit_note {
	enum limit_effect effect;
	char *cgroup; /* whose file it is; its path */
	const char *file; /* "memory.max" */
	uint64_t bytes;
	bool wrong; /* it concerns all of the domain */
	char text[320];
	char todo[256]; /* "" if it is kept */
};

#define MOST_LIMIT_NOTES 64

/* The first ones, if there are more. */
struct limit_notes {
	struct limit_note note[MOST_LIMIT_NOTES];
	size_t nr;
};

/* Of the domain that is the cgroup @at of the tree; limit_notes_free() when done. */
void limit_notes_judge(const struct cgroup_tree *tree, size_t at, struct limit_notes *notes);
void limit_notes_free(struct limit_notes *notes);

/* A word for programs: "kept", "stops", "protects", "breached". */
const char *limit_effect_name(enum limit_effect effect);

#endif
