// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy unload" */
#include <stdio.h>

#include "base/error.h"
#include "base/options.h"
#include "command.h"
#include "policies/attach.h"

static enum rc unload(struct governed *governed)
{
	const struct domain *domain = &governed->domain;
	char todo[96];
	enum rc rc;

	if (governed->pin == PIN_NONE && !governed->is_domain)
		return report(RC_NOT_FOUND, governed->what, governed->path,
			      "see 'mage policy list'", "the cgroup is governed by no policy");
	if (governed->pin != PIN_LIVE && governed->is_domain && domain->link_id) {
		snprintf(todo, sizeof(todo), "detach it with 'bpftool link detach id %u'",
			 domain->link_id);
		return report(RC_EXISTS, governed->what, governed->path, todo,
			      "the cgroup is governed by the policy '%s', which mage did not load",
			      domain->policy);
	}
	rc = policy_detach(governed);
	if (!rc)
		printf("%s: no longer governed\n", governed->path);
	return rc;
}

enum rc cmd_policy_unload(int argc, char **argv)
{
	static const char what[] = "policy unload";
	const char *cgroup = NULL;
	const struct option_spec specs[] = {
		{ "cgroup", .value = &cgroup },
		{ 0 },
	};
	struct governed governed;
	struct operands operands;
	enum rc rc;

	if ((rc = options_parse(what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(what, &operands, 0, 0, "")))
		return rc;
	if (!cgroup)
		return report(RC_USAGE, what, NULL, "say which cgroup with --cgroup PATH",
			      "--cgroup is missing");
	pin_sweep();
	rc = governed_open(what, cgroup, &governed);
	if (!rc)
		rc = unload(&governed);
	governed_close(&governed);
	return rc;
}
