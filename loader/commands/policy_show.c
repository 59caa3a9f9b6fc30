// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy show": a policy as its object has it, or as it governs a cgroup. */
#include <stdio.h>

#include "commands/policy_show.h"
#include "commands/show_options.h"
#include "policies/describe.h"

enum rc cmd_policy_show(int argc, char **argv)
{
	static const char what[] = "policy show";
	struct policy_description description;
	struct show_options options;
	enum rc rc;

	if ((rc = show_options_read(what, argc, argv, true, "the policy or the cgroup",
				    &options)) ||
	    (rc = policy_describe(what, options.policy, options.name, &description)))
		return rc;
	if (options.json)
		policy_json(stdout, &description);
	else
		policy_text(stdout, &description);
	return RC_OK;
}
