// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cgroups/cgroup.h"
#include "domains/governed.h"
#include "policies/describe.h"
#include "policies/find.h"
#include "policies/layout.h"
#include "policies/live.h"
#include "policies/tunables.h"
#include "policies/type.h"

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

static enum rc describe_object(const char *what, const char *path, const char *name,
			       struct policy_description *to)
{
	struct policy_object policy;
	enum rc rc = policy_object_open(what, path, name, 0, &policy);

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
	enum rc rc;

	if (!governed->is_domain)
		return report(RC_NOT_FOUND, governed->what, governed->path,
			      "see 'mage policy list'", "the cgroup is governed by no policy");
	snprintf(to->policy, sizeof(to->policy), "%s", domain->policy);
	snprintf(to->cgroup, sizeof(to->cgroup), "%s", governed->path);
	to->domain = *domain;
	if (!domain->link_id)
		return RC_OK;
	rc = policy_live_look(governed, &live);
	if (!rc) {
		to->nr_callbacks = live.nr_callbacks;
		memcpy(to->callback, live.callback, sizeof(live.callback));
		to->tunables = live.tunables;
		to->counters = live.counters;
	}
	policy_live_close(&live);
	return rc;
}

/*
 * A bare name means a policy first: a cgroup of the same name can be had with a slash.
 */
enum rc policy_describe(const char *what, const char *typed, const char *name,
			struct policy_description *to)
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
		return describe_object(what, path, name, to);
	if (!cgroup_look(typed, &id) && typed[0] != '/')
		return policy_find(what, typed, path, sizeof(path));
	rc = governed_open(what, typed, &governed);
	if (!rc)
		rc = describe_governed(&governed, to);
	governed_close(&governed);
	return rc;
}
