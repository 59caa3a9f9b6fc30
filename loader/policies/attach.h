/* SPDX-License-Identifier: GPL-2.0-only */
/* Putting a cgroup under a policy, replacing that, and ending it. */
#ifndef MAGE_POLICIES_ATTACH_H
#define MAGE_POLICIES_ATTACH_H

#include "base/options.h"
#include "domains/governed.h"
#include "policies/outcome.h"

/* A policy as the user names it. */
struct policy_choice {
	const char *file; /* a path, the name of an installed one, or "builtin" */
	const char *name; /* which of several in the file, or NULL */
	struct word_list settings; /* NAME=VALUE of tunables */
	bool keep_tunables; /* what was set for the policy before stays, at a swap */
	bool dry_run; /* all but the last step, and nothing is left of it */
};

/*
 * Each does all of it or nothing and reports a failure; @outcome is about the policy in
 * force, or the one that would be.  A policy is replaced only if it is still the one that
 * @governed has seen: who came first is not overwritten.  @governed then has seen the new one.
 */
enum rc policy_attach(struct governed *governed, const struct policy_choice *choice,
		      struct policy_outcome *outcome);
enum rc policy_replace(struct governed *governed, const struct policy_choice *choice,
		       struct policy_outcome *outcome);

/*
 * Could @choice govern a cgroup, @on in messages?  Has the verifier look at it, and changes
 * nothing.  Reports a failure.
 */
enum rc policy_check(const char *what, const char *on, const struct policy_choice *choice,
		     struct policy_outcome *outcome);

/*
 * The map of the policy that governs, to go back to it after a swap: a descriptor that the
 * caller closes, or a negative errno.
 */
int policy_current_map(const struct governed *governed);
/*
 * Goes back, from the policy that @governed has seen; 0 or a negative errno, -EPERM if another
 * one governs.
 */
int policy_restore(const struct governed *governed, int map_fd);

/*
 * The same for a policy that is to go for any reason: if it has left by itself the one of @map_fd,
 * @governed->domain.policy, is attached anew.  @from is the name of the one that goes.  Reports
 * a failure, but for governed_is_overtaken(): then it is RC_EXISTS, and the caller says so.
 */
enum rc policy_go_back(struct governed *governed, int map_fd, const char *from);

/* Detaches the policy, removes its pin, ends the domain. */
enum rc policy_detach(struct governed *governed);

/* The same, if there is one and mage loaded it. */
enum rc policy_unload(struct governed *governed);

#endif
