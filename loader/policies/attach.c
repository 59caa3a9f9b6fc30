// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "base/error.h"
#include "cgroups/cgroup.h"
#include "policies/attach.h"
#include "policies/find.h"
#include "policies/live.h"
#include "policies/object.h"
#include "policies/refusal.h"
#include "policies/tunables.h"
#include "policies/value.h"

/* Of an ejected policy, in seconds, until its link has lost it. */
#define LONGEST_LEAVE 5.0

/* Somebody else attached the policy that governs: that is no business of mage. */
static bool is_foreign(const struct governed *governed)
{
	return governed->pin != PIN_LIVE && governed->is_domain && governed->domain.link_id;
}

static enum rc foreign(const struct governed *governed, const char *todo)
{
	return report(RC_EXISTS, governed->what, governed->path, todo,
		      "the cgroup is governed by the policy '%s', which mage did not load",
		      governed->domain.policy);
}

static enum rc detach_foreign(const struct governed *governed)
{
	char todo[96];

	snprintf(todo, sizeof(todo), "detach it with 'bpftool link detach id %u'",
		 governed->domain.link_id);
	return foreign(governed, todo);
}

static enum rc must_be_free(const struct governed *governed)
{
	const struct domain *domain = &governed->domain;

	if (governed->pin == PIN_LIVE)
		return report(RC_EXISTS, governed->what, governed->path,
			      "use 'mage policy swap' to replace it",
			      "the cgroup is governed by the policy '%s'",
			      governed->is_domain ? domain->policy : "?");
	return is_foreign(governed) ? detach_foreign(governed) : RC_OK;
}

/* What was set for the policy that governs. */
static enum rc keep_tunables(const struct governed *governed, const struct policy_choice *choice,
			     const struct policy_object *policy, struct tunables_kept *result)
{
	struct policy_live live;
	struct tunables to;
	enum rc rc;

	policy_tunables(policy, &to);
	rc = policy_live_look(governed, &live);
	if (!rc)
		rc = tunables_keep(governed->what, governed->domain.policy, &live.tunables,
				   &choice->settings, &to, result);
	policy_live_close(&live);
	return rc;
}

static enum rc set_tunables(const struct governed *governed, const struct policy_choice *choice,
			    struct policy_object *policy, struct policy_outcome *outcome)
{
	enum rc rc = RC_OK;

	if (choice->keep_tunables)
		rc = keep_tunables(governed, choice, policy, &outcome->tunables);
	return rc ? rc :
		    policy_tunables_set(governed->what, policy, &choice->settings,
					&outcome->tunables.kept);
}

static enum rc open_builtin(const struct governed *governed, const struct policy_choice *choice,
			    struct policy_object *policy, struct policy_outcome *outcome)
{
	int err = policy_builtin_make(governed->id, policy);
	enum rc rc;

	if (!err) {
		rc = set_tunables(governed, choice, policy, outcome);
		if (rc)
			policy_object_close(policy);
		return rc;
	}
	return report(rc_of_errno(-err), governed->what, BUILTIN_POLICY, NULL,
		      "cannot make the policy: %s", strerror(-err));
}

static enum rc open_object(const struct governed *governed, const struct policy_choice *choice,
			   struct policy_object *policy, struct policy_outcome *outcome)
{
	const char *what = governed->what;
	char path[PATH_MAX];
	enum rc rc;
	int err;

	if ((rc = policy_find(what, choice->file, path, sizeof(path))) ||
	    (rc = policy_object_open(what, path, choice->name, governed->id, policy)))
		return rc;
	err = callbacks_leave_out(policy, &outcome->left_out);
	rc = err ? report(RC_FAILED, what, path, NULL, "cannot compare it with the kernel: %s",
			  strerror(-err)) :
		   set_tunables(governed, choice, policy, outcome);
	if (!rc && choice->dry_run)
		policy_object_unpin(policy);
	if (!rc)
		rc = policy_object_load(what, path, policy);
	if (!rc) {
		err = policy_value_commit(policy);
		if (err)
			rc = refusal_report(governed, policy->name, -err, NO_MARK);
	}
	if (rc)
		policy_object_close(policy);
	return rc;
}

/* From the choice to a loaded policy, with its value in the kernel. */
static enum rc prepare(const struct governed *governed, const struct policy_choice *choice,
		       struct policy_object *policy, struct policy_outcome *outcome)
{
	enum rc rc;

	memset(outcome, 0, sizeof(*outcome));
	if (!strcmp(choice->file, BUILTIN_POLICY))
		rc = open_builtin(governed, choice, policy, outcome);
	else
		rc = open_object(governed, choice, policy, outcome);
	if (!rc)
		snprintf(outcome->policy, sizeof(outcome->policy), "%s", policy->name);
	return rc;
}

enum rc policy_check(const char *what, const char *on, const struct policy_choice *choice,
		     struct policy_outcome *outcome)
{
	const struct governed nobody = { .what = what, .path = on, .pin_fd = -1, .map_fd = -1 };
	struct policy_choice dry = *choice;
	struct policy_object policy;
	enum rc rc;

	dry.dry_run = true;
	rc = prepare(&nobody, &dry, &policy, outcome);
	if (!rc)
		policy_object_close(&policy);
	return rc;
}

int policy_current_map(const struct governed *governed)
{
	int fd = fcntl(governed->map_fd, F_DUPFD_CLOEXEC, 3);

	return fd < 0 ? -errno : fd;
}

/* Only in the place of the policy that was seen to govern. */
static int update(const struct governed *governed, int map_fd)
{
	LIBBPF_OPTS(bpf_link_update_opts, opts, .flags = BPF_F_REPLACE,
		    .old_map_fd = (__u32)governed->map_fd);

	return bpf_link_update(governed->pin_fd, map_fd, &opts);
}

int policy_restore(const struct governed *governed, int map_fd)
{
	return update(governed, map_fd);
}

/* Attaches and pins; what cannot be pinned does not stay attached. */
static enum rc attach(struct governed *governed, int map_fd, const char *name)
{
	uint64_t mark = refusal_mark(governed->genl);
	int fd = bpf_link_create(map_fd, 0, BPF_STRUCT_OPS, NULL);
	enum rc rc = RC_OK;

	if (fd < 0)
		return refusal_report(governed, name, -fd, mark);
	if (governed->pin == PIN_STALE)
		rc = pin_remove(governed->what, governed->id);
	if (!rc)
		rc = pin_make(governed->what, governed->id, fd);
	if (rc) {
		bpf_link_detach(fd);
		if (!governed->is_domain)
			genl_domain_remove(governed->genl, governed->id);
	}
	close(fd);
	return rc;
}

enum rc policy_attach(struct governed *governed, const struct policy_choice *choice,
		      struct policy_outcome *outcome)
{
	struct policy_object policy;
	enum rc rc;

	if (!choice->dry_run)
		pin_sweep();
	if ((rc = must_be_free(governed)) ||
	    (rc = cgroup_check(governed->what, governed->path, governed->id)) ||
	    (rc = prepare(governed, choice, &policy, outcome)))
		return rc;
	if (!choice->dry_run)
		rc = attach(governed, policy_object_fd(&policy), policy.name);
	policy_object_close(&policy);
	return rc;
}

static enum rc must_be_governed(const struct governed *governed)
{
	const struct domain *domain = &governed->domain;

	if (governed->pin == PIN_LIVE)
		return RC_OK;
	if (is_foreign(governed))
		return foreign(governed, "update its link with the tool that made it");
	if (governed->is_domain && domain->exit_kind != MAGE_EXIT_NONE)
		return report(RC_NOT_FOUND, governed->what, governed->path,
			      "use 'mage policy load'",
			      "the cgroup is under the built-in policy since '%s' left (%s)",
			      domain->exit_policy, exit_kind_text(domain->exit_kind));
	return report(RC_NOT_FOUND, governed->what, governed->path, "use 'mage policy load'",
		      "the cgroup is governed by no policy");
}

static enum rc take_over(struct governed *governed, const struct policy_object *policy)
{
	uint64_t mark = refusal_mark(governed->genl);
	int err = update(governed, policy_object_fd(policy));

	if (err)
		return refusal_report(governed, policy->name, -err, mark);
	dup3(policy_object_fd(policy), governed->map_fd, O_CLOEXEC);
	return RC_OK;
}

static enum rc replace(struct governed *governed, const struct policy_choice *choice,
		       struct policy_outcome *outcome)
{
	struct policy_object policy;
	enum rc rc = prepare(governed, choice, &policy, outcome);

	if (rc)
		return rc;
	if (!choice->dry_run)
		rc = take_over(governed, &policy);
	policy_object_close(&policy);
	return rc;
}

enum rc policy_replace(struct governed *governed, const struct policy_choice *choice,
		       struct policy_outcome *outcome)
{
	char note[MAGE_NAME_LEN + 32];
	enum rc rc = must_be_governed(governed);

	if (rc)
		return rc;
	snprintf(note, sizeof(note), "the policy '%s' stays in force", governed->domain.policy);
	error_note = note;
	rc = replace(governed, choice, outcome);
	error_note = NULL;
	return rc;
}

/* It was ejected.  What somebody has loaded or unloaded since stays so. */
static enum rc attach_again(const struct governed *governed, int map_fd)
{
	struct governed now;
	enum rc rc = governed_open(governed->what, governed->path, &now);

	/* Of a domain that is just going the last exit is that. */
	if (!rc && (!now.is_domain || now.domain.exit_kind < MAGE_EXIT_FOREIGN_FRAME))
		rc = report(RC_NOT_FOUND, governed->what, governed->path, NULL,
			    "somebody has unloaded the policy");
	/* Who ends all policies of the machine wants none in their place. */
	if (!rc && now.domain.exit_kind == MAGE_EXIT_SYSRQ)
		rc = report(RC_NOT_FOUND, governed->what, governed->path, NULL,
			    "somebody has ended all policies by sysrq");
	if (!rc)
		rc = must_be_free(&now);
	if (!rc)
		rc = attach(&now, map_fd, governed->domain.policy);
	governed_close(&now);
	return rc;
}

/*
 * The kernel puts the built-in policy in the place of one that breaks a rule, and only then,
 * when nobody is in a callback of that any more, does its link lose it.
 */
static bool leaves(const struct governed *governed)
{
	const struct timespec a_while = { .tv_nsec = 10000000 };
	double until = clock_seconds() + LONGEST_LEAVE;

	while (!governed_has_left(governed)) {
		if (clock_seconds() >= until)
			return false;
		nanosleep(&a_while, NULL);
	}
	return true;
}

enum rc policy_go_back(struct governed *governed, int map_fd, const char *from)
{
	char note[MAGE_NAME_LEN + 64];
	uint64_t mark;
	enum rc rc;
	int err;

	if (governed_has_left(governed))
		return attach_again(governed, map_fd);
	mark = refusal_mark(governed->genl);
	err = policy_restore(governed, map_fd);
	if (!err)
		return RC_OK;
	if (err == -ENOLINK && leaves(governed))
		return attach_again(governed, map_fd);
	if (err == -EPERM && governed_is_overtaken(governed))
		return RC_EXISTS;
	snprintf(note, sizeof(note), "the policy '%s', which failed its trial, stays in force",
		 from);
	error_note = note;
	rc = refusal_report(governed, governed->domain.policy, -err, mark);
	error_note = NULL;
	return rc;
}

/*
 * Detached and not only unpinned: somebody else may hold the link open, and
 * the last reference to a pinned one goes at some time after the unlink.
 */
static enum rc detach(struct governed *governed)
{
	int err;

	if (governed->pin == PIN_LIVE) {
		err = bpf_link_detach(governed->pin_fd);
		if (err)
			return report(rc_of_errno(-err), governed->what, governed->path, NULL,
				      "cannot detach the policy: %s", strerror(-err));
	}
	return pin_remove(governed->what, governed->id);
}

static enum rc end_domain(struct governed *governed)
{
	int err = genl_domain_remove(governed->genl, governed->id);

	/* It may have ended together with its cgroup in the meantime. */
	if (!err || err == -ENOENT)
		return RC_OK;
	return genl_fail(governed->genl, err, governed->what, governed->path, NULL);
}

enum rc policy_detach(struct governed *governed)
{
	enum rc rc = RC_OK;

	if (governed->pin != PIN_NONE)
		rc = detach(governed);
	return rc ? rc : end_domain(governed);
}

enum rc policy_unload(struct governed *governed)
{
	if (governed->pin == PIN_NONE && !governed->is_domain)
		return report(RC_NOT_FOUND, governed->what, governed->path,
			      "see 'mage policy list'", "the cgroup is governed by no policy");
	return is_foreign(governed) ? detach_foreign(governed) : policy_detach(governed);
}
