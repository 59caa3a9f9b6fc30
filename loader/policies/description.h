/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy, described: for people and as JSON. */
#ifndef MAGE_POLICIES_DESCRIPTION_H
#define MAGE_POLICIES_DESCRIPTION_H

#include <limits.h>
#include <stdio.h>

#include "common/json.h"
#include "kernel/state.h"
#include "policies/live.h"

struct policy_description {
	char policy[MAGE_NAME_LEN];
	char object[PATH_MAX]; /* the file, "" if it is not known */
	char cgroup[PATH_MAX]; /* that it governs, as typed, or "" */
	struct domain domain; /* of that cgroup */
	size_t nr_callbacks;
	char callback[MOST_CALLBACKS][TUNABLE_NAME_LEN];
	struct tunables tunables;
	struct counters counters; /* of one that governs */
};

void policy_text(FILE *out, const struct policy_description *description);
void policy_json(FILE *out, const struct policy_description *description);

/* A value of a tunable, as its type is. */
void tunable_value_json(struct json *json, const char *name, const struct tunable *tunable,
			int64_t value);

#endif
