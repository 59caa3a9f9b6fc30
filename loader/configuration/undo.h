/* SPDX-License-Identifier: GPL-2.0-only */
/* What a command has changed so far, so that all of it can be taken back. */
#ifndef MAGE_CONFIGURATION_UNDO_H
#define MAGE_CONFIGURATION_UNDO_H

#include <limits.h>

#include "kernel/genl.h"
#include "kernel/state.h"

enum undo_kind {
	UNDO_CONNECT,
	UNDO_ADD_LEG,
	UNDO_SWAPON,
	UNDO_MAKE_CGROUP,
	UNDO_ATTACH,
	UNDO_SWAP_POLICY,
	UNDO_WRITE,
};

struct undo_step {
	enum undo_kind kind;
	struct device device;
	char path[PATH_MAX]; /* of a cgroup or a file */
	char text[1024]; /* what the file had */
	size_t nr; /* of directories; number of a leg */
	int map_fd; /* of the policy that governed */
	int new_fd; /* of the one that has replaced it */
};

struct undo {
	const char *what; /* the command, for messages */
	struct undo_step *steps;
	size_t nr, room;
};

/*
 * Room for @most steps of the command @what, so that taking note of one cannot fail.  False
 * without memory.
 */
bool undo_start(struct undo *undo, const char *what, size_t most);

/* The next step, to be filled in, zeroed but for its kind. */
struct undo_step *undo_add(struct undo *undo, enum undo_kind kind);

/* Takes back all of it, the last first, and says so; reports what cannot be. */
void undo_all(struct undo *undo, struct genl *genl);

/* Forgets it. */
void undo_end(struct undo *undo);

#endif
