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
	bool json;
};

/* A load may be forced where nothing can be evicted, and a swap may keep what was set before. */
static enum rc read_arguments(const char *what, int argc, char **argv, bool is_swap,
			      struct arguments *args)
{
	const struct option_spec specs[] = {
		{ "cgroup", .value = &args->cgroup },
		{ "name", .value = &args->choice.name },
		{ "set", .list = &args->choice.settings },
		{ "dry-run", .flag = &args->choice.dry_run },
		{ "json", .flag = &args->json },
		{ is_swap ? "keep-tunables" : "force",
		  .flag = is_swap ? &args->choice.keep_tunables : &args->force },
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

static void show(const struct governed *governed, const struct arguments *args, const char *path,
		 const struct policy_outcome *outcome)
{
	const char *before = governed->is_domain ? governed->domain.policy : NULL;

	if (args->json)
		outcome_json(stdout, path, before, args->choice.dry_run, outcome);
	else
		outcome_text(stdout, args->cgroup, before, args->choice.dry_run, outcome);
}

enum rc cmd_policy_load(int argc, char **argv)
{
	static const char what[] = "policy load";
	struct policy_outcome outcome;
	struct governed governed;
	struct arguments args;
	char *path = NULL;
	enum rc rc;

	rc = read_arguments(what, argc, argv, false, &args);
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
		rc = policy_attach(&governed, &args.choice, &outcome);
	if (!rc) {
		show(&governed, &args, path, &outcome);
		if (path && !args.json)
			evictable_note(args.cgroup, path);
	}
	free(path);
	governed_close(&governed);
	return rc;
}

enum rc cmd_policy_swap(int argc, char **argv)
{
	static const char what[] = "policy swap";
	struct policy_outcome outcome;
	struct governed governed;
	struct arguments args;
	char *path = NULL;
	enum rc rc;

	rc = read_arguments(what, argc, argv, true, &args);
	if (rc)
		return rc;
	rc = governed_open(what, args.cgroup, &governed);
	if (!rc)
		rc = policy_replace(&governed, &args.choice, &outcome);
	if (!rc) {
		path = cgroup_path(governed.id);
		show(&governed, &args, path, &outcome);
	}
	free(path);
	governed_close(&governed);
	return rc;
}
