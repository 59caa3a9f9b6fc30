/* SPDX-License-Identifier: GPL-2.0-only */
/* "p99 > 2x": when a policy on trial is to go again.  Pure functions. */
#ifndef MAGE_DOMAINS_TRIAL_RULE_H
#define MAGE_DOMAINS_TRIAL_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "domains/sample.h"

/* A percentile of less is that of a few faults that happened to be slow. */
#define TRIAL_LEAST_FAULTS 100

struct trial_rule {
	size_t metric; /* the number of it */
	bool less; /* "<" instead of ">" */
	bool relative; /* to the policy before */
	double bound; /* nanoseconds, a rate, or a factor */
};

/* "METRIC > VALUE"; false if it makes no sense. */
bool trial_rule_read(const char *text, struct trial_rule *rule);

/* What there is to write, for people. */
const char *trial_metric_names(void);
const char *trial_metric_name(const struct trial_rule *rule);

/* What the rule looks at: nanoseconds or a rate; NAN if too little has happened. */
double trial_metric(const struct trial_rule *rule, const struct activity *activity);
void trial_metric_format(const struct trial_rule *rule, double value, char *text, size_t size);

/* Does it hold?  @before is about the policy before, for a relative one.  What is NAN never does. */
bool trial_rule_holds(const struct trial_rule *rule, double now, double before);

#endif
