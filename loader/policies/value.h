/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MAGE_POLICIES_VALUE_H
#define MAGE_POLICIES_VALUE_H

#include "policies/object.h"

/*
 * Gives the kernel the members of a loaded policy, so that a link can be
 * updated to it.  libbpf does this in bpf_map__attach_struct_ops(), and in
 * bpf_link__update_map() for links that it made itself; a link opened from a
 * pin is too small an object for the latter (libbpf 1.5 writes behind its end).
 * Returns 0 or a negative errno.
 */
int policy_value_commit(const struct policy_object *policy);

/*
 * Makes the policy that has no callback of its own, so that each has its default: what
 * the kernel does by itself.  No object is needed for that.  0 or a negative errno.
 */
int policy_builtin_make(uint64_t cgroup_id, struct policy_object *policy);

#endif
