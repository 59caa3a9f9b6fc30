// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/signals.h"
#include "commands/policy_trial.h"
#include "common/json.h"
#include "domains/sample_take.h"

/* Longer is not more to be relied on: the load of late is what counts. */
#define LONGEST_BEFORE 10.0

struct run {
	struct governed *governed;
	const struct trial *trial;
	struct sample start;
	struct activity activity; /* since then */
	double before[MOST_WORDS]; /* the rules' metrics under the policy before */
	double now[MOST_WORDS];
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
	return rc;
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

/* True if it is to go. */
static bool watch_trial(struct run *run, double until)
{
	/* Its first pages are those of the one before: not judged by them alone. */
	double judged = clock_seconds() + run->trial->seconds / 10;
	bool is_over = false;

	while (!is_over) {
		wait_a_second(until);
		if (governed_has_left(run->governed)) {
			snprintf(run->why, sizeof(run->why), "it was ejected");
			return true;
		}
		/* Whoever cannot look does not keep what he cannot see. */
		if (watch(run)) {
			snprintf(run->why, sizeof(run->why), "it cannot be watched");
			return true;
		}
		is_over = ended || clock_seconds() >= until;
		progress(run, "on trial");
		if ((is_over || clock_seconds() >= judged) && fails(run))
			return true;
		if (governed_is_overtaken(run->governed))
			return false;
	}
	return false;
}

static enum rc end(struct run *run, bool is_to_go, int old_fd, const char *policy)
{
	const struct governed *governed = run->governed;
	const char *old = governed->domain.policy, *state = is_to_go ? "reverted" : "kept";
	enum rc rc;

	if (governed_is_overtaken(governed))
		return report(RC_EXISTS, governed->what, governed->path, "see 'mage policy list'",
			      "the trial of '%s' is over, as somebody has replaced it", policy);
	if (is_to_go) {
		rc = policy_go_back(run->governed, old_fd);
		if (rc)
			return rc;
	} else {
		snprintf(run->why, sizeof(run->why), "no rule held");
	}
	progress(run, state);
	if (!run->trial->json)
		printf("%s: governed by the policy '%s': the trial of '%s' was %s%s: %s\n",
		       governed->path, is_to_go ? old : policy, policy,
		       is_to_go ? "" : "passed, it is ", state, run->why);
	return is_to_go ? RC_REVERTED : RC_OK;
}

enum rc policy_trial(struct governed *governed, const struct policy_choice *choice,
		     const struct trial *trial)
{
	struct run run = { .governed = governed, .trial = trial };
	struct policy_outcome outcome;
	int old_fd = -1;
	enum rc rc = RC_OK;

	signals_catch();
	for (int i = 0; i < trial->nr_rules; i++)
		run.before[i] = run.now[i] = NAN;
	if (any_relative(trial))
		rc = watch_before(&run);
	if (!rc) {
		old_fd = policy_current_map(governed);
		rc = policy_replace(governed, choice, &outcome);
	}
	if (!rc) {
		if (!trial->json)
			outcome_text(stdout, governed->path, governed->domain.policy, false,
				     &outcome);
		rc = look(&run, &run.start);
		if (!rc)
			rc = end(&run, watch_trial(&run, clock_seconds() + trial->seconds), old_fd,
				 outcome.policy);
		sample_free(&run.start);
	}
	if (old_fd >= 0)
		close(old_fd);
	return rc;
}
