/* SPDX-License-Identifier: GPL-2.0-only */
/* A BPF object that holds a policy, from the file to the loaded program. */
#ifndef MAGE_POLICIES_OBJECT_H
#define MAGE_POLICIES_OBJECT_H

#include <stdint.h>

#include <linux/mage.h>

#include "base/exit_codes.h"

struct policy_object {
	struct bpf_object *object; /* NULL for the built-in policy */
	struct bpf_map *map; /* the struct_ops map */
	int builtin_fd; /* the same without an object */
	char name[MAGE_NAME_LEN]; /* the policy's own name */
};

/*
 * Opens @path and picks its mage_ops policy, the only one or the one called
 * @name (if not NULL), for the cgroup @cgroup_id.  Reports a failure on behalf
 * of @what.
 */
enum rc policy_object_open(const char *what, const char *path, const char *name, uint64_t cgroup_id,
			   struct policy_object *policy);

/* Keeps maps that are to be pinned, and are not yet, from that.  Before it is loaded. */
void policy_object_unpin(struct policy_object *policy);

/* Has the verifier look at it; reports a failure with the end of the log. */
enum rc policy_object_load(const char *what, const char *path, struct policy_object *policy);

/* The struct_ops map of a loaded policy. */
int policy_object_fd(const struct policy_object *policy);

void policy_object_close(struct policy_object *policy);

#endif
