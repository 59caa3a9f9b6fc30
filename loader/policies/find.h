/* SPDX-License-Identifier: GPL-2.0-only */
/* From what the user typed to the file of a policy. */
#ifndef MAGE_POLICIES_FIND_H
#define MAGE_POLICIES_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/exit_codes.h"

/* What the kernel does by itself can be asked for by name, too; it has no file. */
#define BUILTIN_POLICY "builtin"

/*
 * The name of an installed policy that @file stands for: "fifo" for "fifo",
 * "fifo.bpf.o" and "policies/fifo.bpf.o".  False if it can only be a path.
 */
bool policy_bare_name(const char *file, char *name, size_t size);

/*
 * Finds the object: as given, or among the installed policies, which are next
 * to the build tree of this program and in lib/mage/policies below its prefix.
 */
enum rc policy_find(const char *what, const char *file, char *path, size_t size);

/* The same for those who only want to know. */
bool policy_look(const char *file, char *path, size_t size);

#define MOST_POLICIES 128

/* The policies that can be named, sorted; policy_names_free() when done. */
struct policy_names {
	char *name[MOST_POLICIES];
	size_t nr;
};

void policy_names_read(struct policy_names *names);
void policy_names_free(struct policy_names *names);

#endif
