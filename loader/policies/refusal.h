/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel did not let a policy govern, in words. */
#ifndef MAGE_POLICIES_REFUSAL_H
#define MAGE_POLICIES_REFUSAL_H

#include "domains/governed.h"

/* Nothing is written down about what has not been attached. */
#define NO_MARK UINT64_MAX

/* The number of the last record of a policy that left: what comes after it is news. */
uint64_t refusal_mark(struct genl *genl);

/*
 * The link to the policy @name could not be made, or updated, for @err (positive).  @mark is from
 * before that.  Reports why, and returns the exit status.
 */
enum rc refusal_report(const struct governed *governed, const char *name, int err, uint64_t mark);

#endif
