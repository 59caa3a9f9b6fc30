/* SPDX-License-Identifier: GPL-2.0-only */
/* Callbacks that a policy does without where the kernel does not have them. */
#ifndef MAGE_POLICIES_OPTIONAL_H
#define MAGE_POLICIES_OPTIONAL_H

#include <stdbool.h>
#include <stddef.h>

#include <bpf/btf.h>

#include "policies/object.h"

#define MOST_LEFT_OUT 8

struct left_out {
	size_t nr;
	char callback[MOST_LEFT_OUT][64];
};

/* Does MAGE_OPTIONAL of bpf/mage.bpf.h mark the program that this member of an open object has? */
bool callback_is_optional(const struct policy_object *policy, const struct btf_member *member);

/*
 * Leaves those out that the running kernel does not have, before the object is loaded.  0 or a
 * negative errno.
 */
int callbacks_leave_out(struct policy_object *policy, struct left_out *left_out);

#endif
