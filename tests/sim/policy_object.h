/* SPDX-License-Identifier: GPL-2.0-only */
/* Policies as shared objects, POLICIES/NAME.so beside the program. */
#ifndef SIM_POLICY_OBJECT_H
#define SIM_POLICY_OBJECT_H

#include "object.h"
#include "vmlinux.h"

#define POLICIES_MAX 64

struct policy_object {
	void *handle;
	const struct mage_ops *ops;
	struct sim_tunable *tunables;
};

/* The names of those that there are, sorted; how many.  They are kept. */
u32 policy_names(const char **names);

/* False after a line on standard error.  Variables and maps are as they are at first. */
bool policy_open(struct policy_object *object, const char *name);
void policy_close(struct policy_object *object);

/* "NAME=VALUE"; false after a line on standard error. */
bool policy_set(const struct policy_object *object, const char *policy, const char *setting);
bool policy_has(const struct policy_object *object, const char *setting);

#endif
