// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy load" and "mage policy swap". */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arguments.h"
#include "base/options.h"
#include "commands/policy_load.h"
#include "policies/attach.h"

struct arguments {
	struct policy_choice choice;
	const char *cgroup;
};

static enum rc read_arguments(const char *what, int argc, char **argv, struct arguments *args)
{
	const struct option_spec specs[] = {
		{ "cgroup", .value = &args->cgroup },
		{ "name", .value = &args->choice.name },
		{ "set", .list = &args->choice.settings },
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

/* @before: say which policy governed until now. */
static enum rc govern(const char *what, int argc, char **argv,
		      enum rc (*put_under)(struct governed *governed,
					   const struct policy_choice *choice, char *name),
		      bool before)
{
	char name[MAGE_NAME_LEN];
	struct governed governed;
	struct arguments args;
	enum rc rc;

	rc = read_arguments(what, argc, argv, &args);
	if (rc)
		return rc;
	rc = governed_open(what, args.cgroup, &governed);
	if (!rc)
		rc = put_under(&governed, &args.choice, name);
	if (!rc && before)
		printf("%s: governed by the policy '%s' instead of '%s'\n", args.cgroup, name,
		       governed.domain.policy);
	else if (!rc)
		printf("%s: governed by the policy '%s'\n", args.cgroup, name);
	governed_close(&governed);
	return rc;
}

enum rc cmd_policy_load(int argc, char **argv)
{
	return govern("policy load", argc, argv, policy_attach, false);
}

enum rc cmd_policy_swap(int argc, char **argv)
{
	return govern("policy swap", argc, argv, policy_replace, true);
}
