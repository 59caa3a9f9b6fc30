/* SPDX-License-Identifier: GPL-2.0-only */
/* Which values of tunables outlive the policy that they were set for.  Pure functions. */
#ifndef MAGE_POLICIES_TUNABLE_KEEP_H
#define MAGE_POLICIES_TUNABLE_KEEP_H

#include "base/options.h"
#include "policies/tunable_btf.h"

struct tunables_kept {
	struct tunables kept; /* with the values for the new policy */
	struct tunables lost; /* were set, and the new policy has none of that name and type */
};

/*
 * What somebody has set in @from, the tunables of the policy @old, and the new one, @to, has, too.
 * What @words set for the new one is left alone.  A value that the new one does not take is
 * reported on behalf of @what.
 */
enum rc tunables_keep(const char *what, const char *old, const struct tunables *from,
		      const struct word_list *words, struct tunables *to,
		      struct tunables_kept *result);

#endif
