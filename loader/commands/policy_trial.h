/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MAGE_COMMANDS_POLICY_TRIAL_H
#define MAGE_COMMANDS_POLICY_TRIAL_H

#include "domains/trial_rule.h"
#include "policies/attach.h"

struct trial {
	double seconds;
	int nr_rules;
	struct trial_rule rule[MOST_WORDS];
	const char *text[MOST_WORDS]; /* of the rules, as typed */
	bool json;
};

/*
 * "mage policy swap --for": replaces the policy, and goes back if a rule holds, if the new one is
 * ejected, or at a signal.
 */
enum rc policy_trial(struct governed *governed, const struct policy_choice *choice,
		     const struct trial *trial);

#endif
