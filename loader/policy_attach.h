/* SPDX-License-Identifier: GPL-2.0-only */
/* Putting a cgroup under a policy, replacing that, and ending it. */
#ifndef MAGE_POLICY_ATTACH_H
#define MAGE_POLICY_ATTACH_H

#include "options.h"
#include "policy_domain.h"

/* A policy as the user names it. */
struct policy_choice {
	const char *file; /* a path, the name of an installed one, or "builtin" */
	const char *name; /* which of several in the file, or NULL */
	struct word_list settings; /* NAME=VALUE of tunables */
};

/*
 * Each does all of it or nothing and reports a failure.  @name becomes the name of the
 * policy in force (MAGE_NAME_LEN bytes).
 */
enum rc policy_attach(struct governed *governed, const struct policy_choice *choice, char *name);
enum rc policy_replace(struct governed *governed, const struct policy_choice *choice, char *name);

/* Detaches the policy, removes its pin, ends the domain. */
enum rc policy_detach(struct governed *governed);

#endif
