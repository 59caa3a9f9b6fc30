// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy load" and "mage policy swap". */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cgroup.h"
#include "command.h"
#include "error.h"
#include "options.h"
#include "policy_domain.h"
#include "policy_find.h"
#include "policy_object.h"
#include "policy_value.h"

struct arguments {
	const char *file;
	const char *cgroup;
	const char *name;
};

static enum rc read_arguments(const char *what, int argc, char **argv, struct arguments *args)
{
	const struct option_spec specs[] = {
		{ "cgroup", &args->cgroup, NULL },
		{ "name", &args->name, NULL },
		{ 0 },
	};
	struct operands operands;
	enum rc rc;

	memset(args, 0, sizeof(*args));
	if ((rc = options_parse(what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(what, &operands, 1, 1, "the policy's FILE")))
		return rc;
	args->file = operands.arg[0];
	if (!args->cgroup)
		return report(RC_USAGE, what, NULL, "say which cgroup with --cgroup PATH",
			      "--cgroup is missing");
	return RC_OK;
}

/* The link could not be made or updated: the error number is all that the kernel gives. */
static enum rc refused(const struct governed *governed, const struct policy_object *policy, int err)
{
	const char *what = governed->what, *on = governed->path;

	switch (err) {
	case EEXIST:
	case EBUSY:
		return report(RC_EXISTS, what, on, "see 'mage policy list'",
			      "the cgroup is governed already");
	case EPERM:
	case EACCES:
		return report(RC_NOT_PERMITTED, what, on, NULL, "attaching '%s': %s", policy->name,
			      strerror(err));
	case ENOLINK:
		/* A swap came too late: the old one does not stay in force. */
		error_note = NULL;
		return report(RC_NOT_FOUND, what, on, "use 'mage policy load'",
			      "the policy in force was ejected just now");
	case ENOSPC:
		return report(RC_FAILED, what, on, "unload another one first",
			      "there are as many governed cgroups as the kernel can take");
	case ENOMEM:
		return report(RC_FAILED, what, on, NULL, "attaching '%s': %s", policy->name,
			      strerror(err));
	default:
		return report(RC_BAD_POLICY, what, on, "check its flags, its name and its init",
			      "the kernel or the policy's own init refused '%s': %s", policy->name,
			      strerror(err));
	}
}

static enum rc must_be_free(const struct governed *governed)
{
	const struct domain *domain = &governed->domain;
	char todo[96];

	if (governed->pin == PIN_LIVE)
		return report(RC_EXISTS, governed->what, governed->path,
			      "use 'mage policy swap' to replace it",
			      "the cgroup is governed by the policy '%s'",
			      governed->is_domain ? domain->policy : "?");
	if (governed->is_domain && domain->link_id) {
		snprintf(todo, sizeof(todo), "detach it with 'bpftool link detach id %u'",
			 domain->link_id);
		return report(RC_EXISTS, governed->what, governed->path, todo,
			      "the cgroup is governed by the policy '%s', which mage did not load",
			      domain->policy);
	}
	return RC_OK;
}

/* Attaches and pins; what cannot be pinned does not stay attached. */
static enum rc attach(struct governed *governed, const struct policy_object *policy)
{
	struct bpf_link *link = bpf_map__attach_struct_ops(policy->map);
	enum rc rc = RC_OK;

	if (!link)
		return refused(governed, policy, errno);
	if (governed->pin == PIN_STALE)
		rc = pin_remove(governed->what, governed->id);
	if (!rc)
		rc = pin_make(governed->what, governed->id, bpf_link__fd(link));
	if (rc) {
		bpf_link_detach(bpf_link__fd(link));
		if (!governed->is_domain)
			genl_domain_remove(governed->genl, governed->id);
	}
	/* With a pin this only closes our descriptor. */
	bpf_link__destroy(link);
	return rc;
}

static enum rc load(struct governed *governed, const struct arguments *args, const char *path)
{
	struct policy_object policy;
	enum rc rc;

	if ((rc = must_be_free(governed)) ||
	    (rc = cgroup_check(governed->what, governed->path, governed->id)) ||
	    (rc = policy_object_open(governed->what, path, args->name, governed->id, &policy)))
		return rc;
	rc = policy_object_load(governed->what, path, &policy);
	if (!rc)
		rc = attach(governed, &policy);
	if (!rc)
		printf("%s: governed by the policy '%s'\n", governed->path, policy.name);
	policy_object_close(&policy);
	return rc;
}

enum rc cmd_policy_load(int argc, char **argv)
{
	static const char what[] = "policy load";
	struct governed governed;
	struct arguments args;
	char path[PATH_MAX];
	enum rc rc;

	rc = read_arguments(what, argc, argv, &args);
	if (rc)
		return rc;
	rc = governed_open(what, args.cgroup, &governed);
	if (!rc)
		rc = policy_find(what, args.file, path, sizeof(path));
	if (!rc) {
		pin_sweep();
		rc = load(&governed, &args, path);
	}
	governed_close(&governed);
	return rc;
}

static enum rc must_be_governed(const struct governed *governed)
{
	const struct domain *domain = &governed->domain;

	if (governed->pin == PIN_LIVE)
		return RC_OK;
	if (governed->is_domain && domain->link_id)
		return report(RC_EXISTS, governed->what, governed->path,
			      "update its link with the tool that made it",
			      "the cgroup is governed by the policy '%s', which mage did not load",
			      domain->policy);
	if (governed->is_domain && domain->exit_kind != MAGE_EXIT_NONE)
		return report(RC_NOT_FOUND, governed->what, governed->path,
			      "use 'mage policy load'",
			      "the cgroup is under the built-in policy since '%s' left (%s)",
			      domain->exit_policy, exit_kind_text(domain->exit_kind));
	return report(RC_NOT_FOUND, governed->what, governed->path, "use 'mage policy load'",
		      "the cgroup is governed by no policy");
}

static enum rc update(struct governed *governed, const struct policy_object *policy)
{
	int err = policy_value_commit(policy);

	if (!err)
		err = bpf_link_update(governed->pin_fd, bpf_map__fd(policy->map), NULL);
	return err ? refused(governed, policy, -err) : RC_OK;
}

static enum rc swap(struct governed *governed, const struct arguments *args, const char *path)
{
	struct policy_object policy;
	enum rc rc;

	rc = policy_object_open(governed->what, path, args->name, governed->id, &policy);
	if (rc)
		return rc;
	rc = policy_object_load(governed->what, path, &policy);
	if (!rc)
		rc = update(governed, &policy);
	if (!rc)
		printf("%s: governed by the policy '%s' instead of '%s'\n", governed->path,
		       policy.name, governed->domain.policy);
	policy_object_close(&policy);
	return rc;
}

enum rc cmd_policy_swap(int argc, char **argv)
{
	static const char what[] = "policy swap";
	char path[PATH_MAX], note[MAGE_NAME_LEN + 32];
	struct governed governed;
	struct arguments args;
	enum rc rc;

	rc = read_arguments(what, argc, argv, &args);
	if (rc)
		return rc;
	rc = governed_open(what, args.cgroup, &governed);
	if (!rc)
		rc = must_be_governed(&governed);
	if (!rc) {
		snprintf(note, sizeof(note), "the policy '%s' stays in force",
			 governed.domain.policy);
		error_note = note;
		rc = policy_find(what, args.file, path, sizeof(path));
		if (!rc)
			rc = swap(&governed, &args, path);
		error_note = NULL;
	}
	governed_close(&governed);
	return rc;
}
