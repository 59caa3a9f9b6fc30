/* SPDX-License-Identifier: GPL-2.0-only */
/* From what the user typed to the file of a policy. */
#ifndef MAGE_POLICY_FIND_H
#define MAGE_POLICY_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "exit_codes.h"

/*
 * The name of an installed policy that @file stands for: "fifo" for "fifo",
 * "fifo.bpf.o" and "policies/fifo.bpf.o".  False if it can only be a path.
 */
bool policy_bare_name(const char *file, char *name, size_t size);

/*
 * Finds the object: as given, or among the installed policies, which are next
 * to the build tree of this program and in /usr/lib/mage/policies.
 */
enum rc policy_find(const char *what, const char *file, char *path, size_t size);

#endif
