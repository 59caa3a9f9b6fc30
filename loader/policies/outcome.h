/* SPDX-License-Identifier: GPL-2.0-only */
/* What came of loading a policy, or would have. */
#ifndef MAGE_POLICIES_OUTCOME_H
#define MAGE_POLICIES_OUTCOME_H

#include <stdbool.h>
#include <stdio.h>

#include <linux/mage.h>

#include "policies/optional.h"
#include "policies/tunable_keep.h"

struct policy_outcome {
	char policy[MAGE_NAME_LEN]; /* its name */
	struct left_out left_out;
	struct tunables_kept tunables;
};

/* For people, about the cgroup @cgroup as typed; @before is what governed, or NULL. */
void outcome_text(FILE *out, const char *cgroup, const char *before, bool dry_run,
		  const struct policy_outcome *outcome);
/* Only what the policy has to do without. */
void outcome_notes(FILE *out, const char *cgroup, const struct policy_outcome *outcome);
/* One object; @path is the cgroup's whole path. */
void outcome_json(FILE *out, const char *path, const char *before, bool dry_run,
		  const struct policy_outcome *outcome);

#endif
