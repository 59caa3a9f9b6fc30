// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy unload" */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "command.h"
#include "error.h"
#include "options.h"
#include "policy_domain.h"

/*
 * Detached and not only unpinned: somebody else may hold the link open, and
 * the last reference to a pinned one goes at some time after the unlink.
 */
static enum rc detach(struct governed *governed)
{
	int err;

	if (governed->pin == PIN_LIVE) {
		err = bpf_link_detach(governed->pin_fd);
		if (err)
			return report(rc_of_errno(-err), governed->what, governed->path, NULL,
				      "cannot detach the policy: %s", strerror(-err));
	}
	return pin_remove(governed->what, governed->id);
}

static enum rc end_domain(struct governed *governed)
{
	int err = genl_domain_remove(governed->genl, governed->id);

	/* It may have ended together with its cgroup in the meantime. */
	if (!err || err == -ENOENT)
		return RC_OK;
	return genl_fail(governed->genl, err, governed->what, governed->path, NULL);
}

static enum rc unload(struct governed *governed)
{
	const struct domain *domain = &governed->domain;
	char todo[96];
	enum rc rc = RC_OK;

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
	if (governed->pin != PIN_NONE)
		rc = detach(governed);
	if (!rc)
		rc = end_domain(governed);
	if (!rc)
		printf("%s: no longer governed\n", governed->path);
	return rc;
}

enum rc cmd_policy_unload(int argc, char **argv)
{
	static const char what[] = "policy unload";
	const char *cgroup = NULL;
	const struct option_spec specs[] = {
		{ "cgroup", &cgroup, NULL },
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
