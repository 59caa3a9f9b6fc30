// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy unload" */
#include <stdio.h>

#include "base/arguments.h"
#include "base/options.h"
#include "commands/policy_unload.h"
#include "policies/attach.h"

enum rc cmd_policy_unload(int argc, char **argv)
{
	static const char what[] = "policy unload";
	const char *cgroup = NULL;
	const struct option_spec specs[] = {
		{ "cgroup", .value = &cgroup },
		{ 0 },
	};
	struct governed governed;
	enum rc rc;

	if ((rc = options_only(what, argc, argv, specs)) ||
	    (rc = argument_needed(what, "cgroup", cgroup, "say which cgroup with --cgroup PATH")))
		return rc;
	pin_sweep();
	rc = governed_open(what, cgroup, &governed);
	if (!rc)
		rc = policy_unload(&governed);
	if (!rc)
		printf("%s: no longer governed\n", cgroup);
	governed_close(&governed);
	return rc;
}
