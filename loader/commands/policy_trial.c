// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/signals.h"
#include "cgroups/path.h"
#include "commands/policy_trial.h"
#include "common/json.h"
#include "domains/sample_take.h"
#include "policies/find.h"

/* Longer is not more to be relied on: the load of late is what counts. */
#define LONGEST_BEFORE 10.0

struct run {
	struct governed *governed;
	const struct trial *trial;
	struct sample start;
	struct activity activity; /* since then */
	double before[MOST_WORDS]; /* the rules' metrics under the policy before */
	double now[MOST_WORDS];
	bool is_builtin; /* what governs, in the latest look */
	char why[256];
};

static enum rc look(struct run *run, struct sample *sample)
{
	struct governed *governed = run->governed;
	int err = sample_take(governed->genl, governed->id, sample);

	if (err)
		return genl_fail(governed->genl, err, governed->what, governed->path, NULL);
	if (sample->nr_domains)
		return RC_OK;
	sample_free(sample);
	return report(RC_NOT_FOUND, governed->what, governed->path, NULL,
		      "the cgroup is governed no more");
}

static void progress_json(const struct run *run, const char *state)
{
	struct json json;

	json_start(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "state", state);
	json_double(&json, "seconds", run->activity.seconds);
	json_string(&json, "why", run->why[0] ? run->why : NULL);
	json_open_array(&json, "rules");
	for (int i = 0; i < run->trial->nr_rules; i++) {
		json_open_object(&json, NULL);
		json_string(&json, "rule", run->trial->text[i]);
		json_double(&json, "now", run->now[i]);
		json_double(&json, "before", run->before[i]);
		json_close_object(&json);
	}
	json_close_array(&json);
	json_close_object(&json);
	json_end(&json);
}

/* "p99 120.0 us, before 60.0 us" */
static void figures(const struct run *run, int i, char *text, size_t size)
{
	const struct trial_rule *rule = &run->trial->rule[i];
	char now[32], before[32];

	trial_metric_format(rule, run->now[i], now, sizeof(now));
	trial_metric_format(rule, run->before[i], before, sizeof(before));
	snprintf(text, size, "%s %s%s%s", trial_metric_name(rule), now,
		 isnan(run->before[i]) ? "" : ", before ", isnan(run->before[i]) ? "" : before);
}

static void progress(const struct run *run, const char *state)
{
	char text[96];

	if (run->trial->json) {
		progress_json(run, state);
		return;
	}
	printf("%s: %s for %.0f s:", run->governed->path, state, run->activity.seconds);
	for (int i = 0; i < run->trial->nr_rules; i++) {
		figures(run, i, text, sizeof(text));
		printf("%s %s", i ? ";" : "", text);
	}
	putchar('\n');
	fflush(stdout);
}

static void wait_a_second(double until)
{
	clock_wait(fmin(clock_seconds() + 1, until));
}

/* What the rules look at, now. */
static enum rc watch(struct run *run)
{
	struct sample sample;
	enum rc rc;

	rc = look(run, &sample);
	if (rc)
		return rc;
	run->activity = activity_since(&sample.domains[0], &run->start.domains[0],
				       sample_seconds(&sample, &run->start));
	run->is_builtin = sample.domains[0].domain.builtin;
	for (int i = 0; i < run->trial->nr_rules; i++)
		run->now[i] = trial_metric(&run->trial->rule[i], &run->activity);
	sample_free(&sample);
	return RC_OK;
}

static bool any_relative(const struct trial *trial)
{
	for (int i = 0; i < trial->nr_rules; i++) {
		if (trial->rule[i].relative)
			return true;
	}
	return false;
}

/* Of too little nothing can be said, so no condition that asks for more would ever hold. */
static enum rc comparable(const struct run *run)
{
	for (int i = 0; i < run->trial->nr_rules; i++) {
		if (run->trial->rule[i].relative && isnan(run->before[i]))
			return report(RC_FAILED, run->governed->what, run->trial->text[i],
				      "try it under load, or give a bound as in 'p99 > 500us'",
				      "too little has happened under the policy before to compare "
				      "with; nothing was changed");
	}
	return RC_OK;
}

/* What is compared with: the policy that governs, for as long as the trial takes, or a while. */
static enum rc watch_before(struct run *run)
{
	double until = clock_seconds() + fmin(run->trial->seconds, LONGEST_BEFORE);
	enum rc rc = look(run, &run->start);

	if (rc)
		return rc;
	while (!rc && !ended && clock_seconds() < until) {
		wait_a_second(until);
		rc = watch(run);
		if (!rc)
			progress(run, "before");
	}
	sample_free(&run->start);
	memcpy(run->before, run->now, sizeof(run->before));
	if (!rc && ended)
		rc = report(RC_REVERTED, run->governed->what, run->governed->path, NULL,
			    "interrupted; nothing was changed");
	return rc ? rc : comparable(run);
}

/* Why it is to go, in run->why. */
static bool fails(struct run *run)
{
	const struct trial *trial = run->trial;
	char text[96];

	for (int i = 0; i < trial->nr_rules; i++) {
		if (!trial_rule_holds(&trial->rule[i], run->now[i], run->before[i]))
			continue;
		figures(run, i, text, sizeof(text));
		snprintf(run->why, sizeof(run->why), "%.100s: %s", trial->text[i], text);
		return true;
	}
	if (ended)
		snprintf(run->why, sizeof(run->why), "interrupted");
	return ended;
}

/*
 * The built-in policy is in the place of one that breaks a rule before its link tells.  A trial
 * of the built-in one itself is another matter.
 */
static bool is_ejected(const struct run *run, const char *policy)
{
	return governed_has_left(run->governed) ||
	       (run->is_builtin && strcmp(policy, BUILTIN_POLICY) != 0);
}

static bool goes(struct run *run, const char *why)
{
	snprintf(run->why, sizeof(run->why), "%s", why);
	return true;
}

/* True if it is to go.  Judges before it prints: whoever reads that may take his time. */
static bool watch_trial(struct run *run, double until, const char *policy)
{
	/* Its first pages are those of the one before: not judged by them alone. */
	double judged = clock_seconds() + run->trial->seconds / 10;
	bool is_over = false;

	while (!is_over) {
		wait_a_second(until);
		if (governed_has_left(run->governed))
			return goes(run, "it was ejected");
		/* Whoever cannot look does not keep what he cannot see. */
		if (watch(run))
			return goes(run, "it cannot be watched");
		if (is_ejected(run, policy))
			return goes(run, "it was ejected");
		is_over = ended || clock_seconds() >= until;
		if ((is_over || clock_seconds() >= judged) && fails(run))
			return true;
		progress(run, "on trial");
		if (governed_is_overtaken(run->governed))
			return false;
	}
	return false;
}

/* Why it is kept: it does not pass for more than what was looked at. */
static void passes(struct run *run)
{
	size_t len = (size_t)snprintf(run->why, sizeof(run->why), "no rule held");

	for (int i = 0; i < run->trial->nr_rules && len < sizeof(run->why); i++) {
		if (isnan(run->now[i]))
			len += (size_t)snprintf(run->why + len, sizeof(run->why) - len,
						"; '%.100s' could not be judged",
						run->trial->text[i]);
	}
}

/* What is no success is an error line for people. */
static enum rc failed(const struct run *run, enum rc rc, const char *state)
{
	if (run->trial->json)
		progress_json(run, state);
	return rc;
}

static enum rc is_overtaken(const struct run *run, const char *policy)
{
	const struct governed *governed = run->governed;

	return failed(run,
		      report(RC_EXISTS, governed->what, governed->path, "see 'mage policy list'",
			     "the trial of '%s' is over, as somebody has replaced it", policy),
		      "overtaken");
}

static enum rc end(struct run *run, bool is_to_go, int old_fd, const char *policy)
{
	const struct governed *governed = run->governed;
	const char *old = governed->domain.policy, *state;
	enum rc rc;

	if (governed_is_overtaken(governed))
		return is_overtaken(run, policy);
	if (!is_to_go && governed_has_left(governed))
		is_to_go = goes(run, "it was ejected");
	if (is_to_go) {
		rc = policy_go_back(run->governed, old_fd, policy);
		if (rc && governed_is_overtaken(governed))
			return is_overtaken(run, policy);
		if (rc)
			return failed(run, rc, "failed");
	} else {
		passes(run);
	}
	state = is_to_go ? "reverted" : "kept";
	progress(run, state);
	if (!run->trial->json)
		printf("%s: governed by the policy '%s': the trial of '%s' was %s%s: %s\n",
		       governed->path, is_to_go ? old : policy, policy,
		       is_to_go ? "" : "passed, it is ", state, run->why);
	return is_to_go ? RC_REVERTED : RC_OK;
}

static void nothing_seen(double *metrics, int nr)
{
	for (int i = 0; i < nr; i++)
		metrics[i] = NAN;
}

/* What would be refused anyway is refused before anything is watched. */
static enum rc prepare(struct run *run, const struct policy_choice *choice)
{
	struct policy_choice dry = *choice;
	struct policy_outcome outcome;
	enum rc rc;

	nothing_seen(run->before, run->trial->nr_rules);
	nothing_seen(run->now, run->trial->nr_rules);
	if (!any_relative(run->trial))
		return RC_OK;
	dry.dry_run = true;
	rc = policy_replace(run->governed, &dry, &outcome);
	return rc ? rc : watch_before(run);
}

static void show_swap(const struct run *run, const struct policy_outcome *outcome)
{
	const struct governed *governed = run->governed;
	char *path;

	if (run->trial->json) {
		path = cgroup_path(governed->id);
		outcome_json(stdout, path, governed->domain.policy, false, outcome);
		free(path);
	} else {
		outcome_text(stdout, governed->path, governed->domain.policy, false, outcome);
	}
}

static enum rc try_out(struct run *run, int old_fd, const struct policy_outcome *outcome)
{
	bool is_to_go;
	enum rc rc;

	/* What was seen is about the policy before. */
	nothing_seen(run->now, run->trial->nr_rules);
	run->activity = (struct activity){ 0 };
	show_swap(run, outcome);
	if (look(run, &run->start))
		is_to_go = goes(run, "it cannot be watched");
	else
		is_to_go = watch_trial(run, clock_seconds() + run->trial->seconds, outcome->policy);
	rc = end(run, is_to_go, old_fd, outcome->policy);
	sample_free(&run->start);
	return rc;
}

enum rc policy_trial(struct governed *governed, const struct policy_choice *choice,
		     const struct trial *trial)
{
	struct run run = { .governed = governed, .trial = trial };
	struct policy_outcome outcome;
	int old_fd = -1;
	enum rc rc;

	signals_catch();
	/* Nobody reads any more: that is no reason to leave the new policy there. */
	signal(SIGPIPE, SIG_IGN);
	rc = prepare(&run, choice);
	if (!rc) {
		old_fd = policy_current_map(governed);
		if (old_fd < 0 && governed->pin == PIN_LIVE)
			rc = report(rc_of_errno(-old_fd), governed->what, governed->path, NULL,
				    "cannot keep hold of the policy '%s': %s; nothing was changed",
				    governed->domain.policy, strerror(-old_fd));
	}
	if (!rc)
		rc = policy_replace(governed, choice, &outcome);
	if (!rc)
		rc = try_out(&run, old_fd, &outcome);
	if (old_fd >= 0)
		close(old_fd);
	return rc;
}
