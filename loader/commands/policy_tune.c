// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy tune" */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "commands/policy_tune.h"
#include "domains/governed.h"
#include "policies/live.h"
#include "policies/tunable_setting.h"

#define WHAT "policy tune"

static enum rc set_all(const struct policy_live *live, const struct setting *settings, int nr)
{
	for (int i = 0; i < nr; i++) {
		const struct tunable *tunable = settings[i].tunable;
		int err = policy_live_set(live, tunable, settings[i].value);
		char before[24], now[24];

		if (err)
			return report(rc_of_errno(-err), WHAT, tunable->name, NULL,
				      "cannot be set: %s", strerror(-err));
		tunable_format(tunable, tunable->value, before, sizeof(before));
		tunable_format(tunable, settings[i].value, now, sizeof(now));
		printf("%s: %s instead of %s\n", tunable->name, now, before);
	}
	return RC_OK;
}

static enum rc tune(const struct governed *governed, const struct word_list *words)
{
	struct setting settings[MOST_WORDS];
	struct policy_live live;
	enum rc rc;

	if (!governed->is_domain || !governed->domain.link_id)
		return report(RC_NOT_FOUND, WHAT, governed->path, "see 'mage policy list'",
			      "the cgroup is governed by no policy that could be tuned");
	rc = policy_live_look(governed, &live);
	if (!rc)
		rc = settings_read(WHAT, governed->domain.policy, words, true, &live.tunables,
				   settings);
	if (!rc)
		rc = set_all(&live, settings, words->nr);
	policy_live_close(&live);
	return rc;
}

enum rc cmd_policy_tune(int argc, char **argv)
{
	const struct option_spec specs[] = { { 0 } };
	struct word_list words = { 0 };
	struct governed governed;
	struct operands operands;
	enum rc rc;

	if ((rc = options_parse(WHAT, argc, argv, specs, &operands)) ||
	    (rc = operands_check(WHAT, &operands, 1, MOST_WORDS, "the cgroup or the policy")))
		return rc;
	if (operands.nr == 1)
		return report(RC_USAGE, WHAT, operands.arg[0],
			      "'mage policy show' lists what can be set", "NAME=VALUE is missing");
	for (int i = 1; i < operands.nr; i++)
		words.word[words.nr++] = operands.arg[i];
	rc = governed_find(WHAT, operands.arg[0], &governed);
	if (!rc)
		rc = tune(&governed, &words);
	governed_close(&governed);
	return rc;
}
