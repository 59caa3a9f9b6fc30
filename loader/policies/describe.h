/* SPDX-License-Identifier: GPL-2.0-only */
/* From what somebody typed to the description of a policy. */
#ifndef MAGE_POLICIES_DESCRIBE_H
#define MAGE_POLICIES_DESCRIBE_H

#include "base/exit_codes.h"
#include "policies/description.h"

/*
 * The policy @typed: of an object (@name, if not NULL, is which of several in it), or the one that
 * governs a cgroup.  Reports a failure on behalf of @what.
 */
enum rc policy_describe(const char *what, const char *typed, const char *name,
			struct policy_description *to);

#endif
