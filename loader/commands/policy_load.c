// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy load" and "mage policy swap". */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arguments.h"
#include "base/options.h"
#include "cgroups/path.h"
#include "commands/policy_load.h"
#include "domains/evictable.h"
#include "policies/attach.h"

struct arguments {
	struct policy_choice choice;
	const char *cgroup;
	bool force;
};

/* @may_force: there is something that --force goes on in spite of. */
static enum rc read_arguments(const char *what, int argc, char **argv, bool may_force,
			      struct arguments *args)
{
	const struct option_spec specs[] = {
		{ "cgroup", .value = &args->cgroup },
		{ "name", .value = &args->choice.name },
		{ "set", .list = &args->choice.settings },
		{ may_force ? "force" : NULL, .flag = &args->force },
		{ 0 },
	};
	struct operands operands;
	enum rc rc;

	memset(args, 0, sizeof(*args));
	if ((rc = options_parse(what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(what, &operands, 1, 1, "the policy's name or FILE")))
		return rc;
	args->choice.file = operands.arg[0];
	return argument_needed(what, "cgroup", args->cgroup, "say which cgroup with --cgroup PATH");
}

enum rc cmd_policy_load(int argc, char **argv)
{
	static const char what[] = "policy load";
	char name[MAGE_NAME_LEN], *path = NULL;
	struct governed governed;
	struct arguments args;
	enum rc rc;

	rc = read_arguments(what, argc, argv, true, &args);
	if (rc)
		return rc;
	rc = governed_open(what, args.cgroup, &governed);
	if (!rc) {
		path = cgroup_path(governed.id);
		/* That it is governed already comes first. */
		if (path && !args.force && !governed.domain.link_id)
			rc = evictable_check(what, args.cgroup, governed.genl, path);
	}
	if (!rc)
		rc = policy_attach(&governed, &args.choice, name);
	if (!rc) {
		printf("%s: governed by the policy '%s'\n", args.cgroup, name);
		if (path)
			evictable_note(args.cgroup, path);
	}
	free(path);
	governed_close(&governed);
	return rc;
}

enum rc cmd_policy_swap(int argc, char **argv)
{
	static const char what[] = "policy swap";
	char name[MAGE_NAME_LEN];
	struct governed governed;
	struct arguments args;
	enum rc rc;

	rc = read_arguments(what, argc, argv, false, &args);
	if (rc)
		return rc;
	rc = governed_open(what, args.cgroup, &governed);
	if (!rc)
		rc = policy_replace(&governed, &args.choice, name);
	if (!rc)
		printf("%s: governed by the policy '%s' instead of '%s'\n", args.cgroup, name,
		       governed.domain.policy);
	governed_close(&governed);
	return rc;
}
