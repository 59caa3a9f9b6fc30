// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy load" and "mage policy swap". */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arguments.h"
#include "base/error.h"
#include "base/options.h"
#include "base/parse.h"
#include "cgroups/path.h"
#include "commands/policy_load.h"
#include "commands/policy_trial.h"
#include "domains/evictable.h"
#include "policies/attach.h"

struct arguments {
	struct policy_choice choice;
	const char *cgroup;
	bool force;
	bool json;
	const char *seconds; /* of a trial */
	struct word_list rules;
};

static enum rc read_trial(const struct arguments *args, struct trial *trial)
{
	static const char what[] = "policy swap";
	enum parse_result result;
	uint64_t ns;

	if (!args->seconds != !args->rules.nr)
		return report(RC_USAGE, what, NULL, "see 'mage policy swap --help'",
			      "--for and --revert-if need each other");
	if (args->choice.dry_run)
		return report(RC_USAGE, what, "--dry-run", NULL, "means nothing with --for");
	result = parse_duration(args->seconds, &ns);
	if (result != PARSE_OK || !ns)
		return report(RC_USAGE, what, args->seconds, "give a time, as in --for 60s",
			      "the length of the trial %s",
			      parse_result_text(result == PARSE_OK ? PARSE_ZERO : result));
	trial->seconds = (double)ns / 1e9;
	trial->json = args->json;
	trial->nr_rules = args->rules.nr;
	for (int i = 0; i < args->rules.nr; i++) {
		trial->text[i] = args->rules.word[i];
		if (!trial_rule_read(trial->text[i], &trial->rule[i]))
			return report(RC_USAGE, what, trial->text[i],
				      "write as in 'p99 > 2x', 'p99 > 500us' or 'waits > 10'",
				      "is no condition about %s", trial_metric_names());
	}
	return RC_OK;
}

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
		{ is_swap ? "for" : NULL, .value = &args->seconds },
		{ "revert-if", .list = &args->rules },
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
	struct trial trial;
	char *path = NULL;
	bool is_trial;
	enum rc rc;

	rc = read_arguments(what, argc, argv, true, &args);
	is_trial = args.seconds || args.rules.nr;
	if (!rc && is_trial)
		rc = read_trial(&args, &trial);
	if (rc)
		return rc;
	rc = governed_open(what, args.cgroup, &governed);
	if (!rc && is_trial)
		rc = policy_trial(&governed, &args.choice, &trial);
	else if (!rc)
		rc = policy_replace(&governed, &args.choice, &outcome);
	if (!rc && !is_trial) {
		path = cgroup_path(governed.id);
		show(&governed, &args, path, &outcome);
	}
	free(path);
	governed_close(&governed);
	return rc;
}
