/* SPDX-License-Identifier: GPL-2.0-only */
/* The tunables of a policy that is not loaded yet. */
#ifndef MAGE_POLICIES_TUNABLES_H
#define MAGE_POLICIES_TUNABLES_H

#include "base/options.h"
#include "policies/object.h"
#include "policies/tunable_btf.h"

void policy_tunables(const struct policy_object *policy, struct tunables *tunables);

/*
 * Sets them, all or none, and those of @kept, if not NULL, as they are there; reports a failure on
 * behalf of @what.
 */
enum rc policy_tunables_set(const char *what, struct policy_object *policy,
			    const struct word_list *words, const struct tunables *kept);

#endif
