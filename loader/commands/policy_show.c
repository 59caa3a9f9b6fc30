// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy show": a policy as its object has it, or as it governs a cgroup. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "cgroups/cgroup.h"
#include "command.h"
#include "domains/governed.h"
#include "policies/description.h"
#include "policies/find.h"
#include "policies/layout.h"
#include "policies/live.h"
#include "policies/tunables.h"
#include "policies/type.h"

#define WHAT "policy show"

/* In an object that is not loaded the members point to libbpf's programs. */
static void callbacks_of_object(const struct policy_object *policy, struct policy_description *to)
{
	const struct btf *btf = bpf_object__btf(policy->object);
	const struct btf_type *type = mage_ops_type(policy->object, policy->map);
	const struct btf_member *member = btf_members(type);
	const char *value = bpf_map__initial_value(policy->map, NULL);

	for (int i = 0; i < btf_vlen(type) && to->nr_callbacks < MOST_CALLBACKS; i++, member++) {
		const void *program;

		if (!is_callback(btf, member))
			continue;
		memcpy(&program, value + member->offset / 8, sizeof(program));
		if (program)
			snprintf(to->callback[to->nr_callbacks++], sizeof(to->callback[0]), "%s",
				 btf__name_by_offset(btf, member->name_off));
	}
}

static enum rc describe_object(const char *path, const char *name, struct policy_description *to)
{
	struct policy_object policy;
	enum rc rc = policy_object_open(WHAT, path, name, 0, &policy);

	if (rc)
		return rc;
	snprintf(to->policy, sizeof(to->policy), "%s", policy.name);
	snprintf(to->object, sizeof(to->object), "%s", path);
	callbacks_of_object(&policy, to);
	policy_tunables(&policy, &to->tunables);
	policy_object_close(&policy);
	return RC_OK;
}

static enum rc describe_governed(const struct governed *governed, struct policy_description *to)
{
	const struct domain *domain = &governed->domain;
	struct policy_live live;
	int err = 0;

	if (!governed->is_domain)
		return report(RC_NOT_FOUND, WHAT, governed->path, "see 'mage policy list'",
			      "the cgroup is governed by no policy");
	snprintf(to->policy, sizeof(to->policy), "%s", domain->policy);
	snprintf(to->cgroup, sizeof(to->cgroup), "%s", governed->path);
	to->domain = *domain;
	if (!domain->link_id)
		return RC_OK;
	err = policy_live_open(domain->link_id, &live);
	if (!err) {
		to->nr_callbacks = live.nr_callbacks;
		memcpy(to->callback, live.callback, sizeof(live.callback));
		to->tunables = live.tunables;
	}
	policy_live_close(&live);
	if (err)
		return report(rc_of_errno(-err), WHAT, governed->path, NULL,
			      "cannot look at the policy '%s': %s", domain->policy, strerror(-err));
	return RC_OK;
}

/*
 * A bare name means a policy first: a cgroup of the same name can be had with a slash.
 */
static enum rc describe(const char *typed, const char *name, struct policy_description *to)
{
	struct governed governed;
	char path[PATH_MAX];
	enum rc rc;
	uint64_t id;

	memset(to, 0, sizeof(*to));
	if (!strcmp(typed, BUILTIN_POLICY)) {
		snprintf(to->policy, sizeof(to->policy), "%s", typed);
		return RC_OK;
	}
	if (policy_look(typed, path, sizeof(path)))
		return describe_object(path, name, to);
	if (!cgroup_look(typed, &id) && typed[0] != '/')
		return policy_find(WHAT, typed, path, sizeof(path));
	rc = governed_open(WHAT, typed, &governed);
	if (!rc)
		rc = describe_governed(&governed, to);
	governed_close(&governed);
	return rc;
}

enum rc cmd_policy_show(int argc, char **argv)
{
	const char *name = NULL;
	bool json = false;
	const struct option_spec specs[] = {
		{ "name", .value = &name },
		{ "json", .flag = &json },
		{ 0 },
	};
	struct policy_description description;
	struct operands operands;
	enum rc rc;

	if ((rc = options_parse(WHAT, argc, argv, specs, &operands)) ||
	    (rc = operands_check(WHAT, &operands, 1, 1, "the policy or the cgroup")) ||
	    (rc = describe(operands.arg[0], name, &description)))
		return rc;
	if (json)
		policy_json(stdout, &description);
	else
		policy_text(stdout, &description);
	return RC_OK;
}
