// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bpf_messages.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/verifier_log.h"
#include "policies/object.h"
#include "policies/type.h"

#define MOST_IN_OBJECT 32
#define LOG_LINES 12

/* The name that the policy gives itself, or else the one of its variable. */
static void read_name(struct bpf_object *object, struct bpf_map *map, char *name)
{
	size_t size = 0;
	const char *own = data_member(object, map, "name", &size);

	if (own && size && own[0])
		snprintf(name, MAGE_NAME_LEN, "%.*s", (int)size, own);
	else
		snprintf(name, MAGE_NAME_LEN, "%s", bpf_map__name(map));
}

static enum rc no_such_name(const char *what, const char *path, const char *name,
			    const char *const *names, size_t nr)
{
	char todo[256];

	did_you_mean_or_list(todo, sizeof(todo), "it has", name, names, nr);
	return report(RC_NOT_FOUND, what, path, todo, "has no policy '%s'", name);
}

/* Picks the policy, and keeps libbpf from making the others. */
static enum rc pick(const char *what, const char *path, const char *name,
		    struct policy_object *policy)
{
	char names[MOST_IN_OBJECT][MAGE_NAME_LEN];
	const char *pointers[MOST_IN_OBJECT];
	struct bpf_map *map;
	size_t nr = 0, picked = 0;

	bpf_object__for_each_map (map, policy->object) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		bpf_map__set_autocreate(map, false);
		if (!is_mage_ops(policy->object, map) || nr == MOST_IN_OBJECT)
			continue;
		read_name(policy->object, map, names[nr]);
		pointers[nr] = names[nr];
		if (!name || !strcmp(name, names[nr]) || !strcmp(name, bpf_map__name(map))) {
			policy->map = map;
			snprintf(policy->name, sizeof(policy->name), "%s", names[nr]);
			picked++;
		}
		nr++;
	}
	if (!nr)
		return report(RC_BAD_POLICY, what, path, "see policies/README.md",
			      "holds no policy (no struct_ops of type mage_ops)");
	if (!picked)
		return no_such_name(what, path, name, pointers, nr);
	if (picked > 1)
		return report(RC_USAGE, what, path, "choose one with --name",
			      "holds %zu policies (%s, %s%s)", picked, names[0], names[1],
			      nr > 2 ? ", ..." : "");
	bpf_map__set_autocreate(policy->map, true);
	return RC_OK;
}

static enum rc set_cgroup(const char *what, const char *path, uint64_t cgroup_id,
			  struct policy_object *policy)
{
	size_t size = 0;
	void *member = data_member(policy->object, policy->map, "cgroup_id", &size);

	if (!member || size != sizeof(cgroup_id))
		return report(RC_BAD_POLICY, what, path, "rebuild it with this version's headers",
			      "its mage_ops has no 64-bit member cgroup_id");
	if (!(bpf_map__map_flags(policy->map) & BPF_F_LINK))
		return report(RC_BAD_POLICY, what, path, "put it into SEC(\".struct_ops.link\")",
			      "the policy '%s' is in a section without links", policy->name);
	memcpy(member, &cgroup_id, size);
	return RC_OK;
}

enum rc policy_object_open(const char *what, const char *path, const char *name, uint64_t cgroup_id,
			   struct policy_object *policy)
{
	struct span reason;
	enum rc rc;
	int err;

	memset(policy, 0, sizeof(*policy));
	policy->builtin_fd = -1;
	bpf_messages_start();
	policy->object = bpf_object__open_file(path, NULL);
	if (!policy->object) {
		err = errno;
		if (err == EACCES || err == EPERM)
			return report(RC_NOT_PERMITTED, what, path, NULL, "%s", strerror(err));
		reason = bpf_reason(err);
		return report(RC_BAD_POLICY, what, path, "build policies with 'make'",
			      "is no BPF object that libbpf can read: %.*s", (int)reason.len,
			      reason.text);
	}
	rc = pick(what, path, name, policy);
	if (!rc)
		rc = set_cgroup(what, path, cgroup_id, policy);
	if (rc)
		policy_object_close(policy);
	return rc;
}

void policy_object_unpin(struct policy_object *policy)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, policy->object) {
		const char *path = bpf_map__pin_path(map);

		/* One that is there is to be of the same kind. */
		if (path && access(path, F_OK))
			bpf_map__set_pin_path(map, NULL);
	}
}

static enum rc refused_by_verifier(const char *what, const char *path, int err)
{
	struct span program = verifier_log_program(bpf_messages());
	struct span log = verifier_log(bpf_messages());
	struct span verdict = verifier_verdict(log), tail = last_lines(log, LOG_LINES);
	const char *advice = verifier_advice(err, verdict);

	if (!advice)
		advice = verbose ? "see the log above" :
				   "the end of its log follows, --verbose shows all";
	report(RC_BAD_POLICY, what, path, advice, "the verifier refused program '%.*s': %.*s",
	       (int)program.len, program.text, (int)verdict.len, verdict.text);
	if (!verbose)
		fprintf(stderr, "%.*s", (int)tail.len, tail.text);
	return RC_BAD_POLICY;
}

enum rc policy_object_load(const char *what, const char *path, struct policy_object *policy)
{
	int err = bpf_object__load(policy->object);
	struct span reason;

	if (!err)
		return RC_OK;
	if (verifier_log(bpf_messages()).len)
		return refused_by_verifier(what, path, err);
	reason = missing_function(bpf_messages());
	if (reason.text)
		return report(RC_BAD_POLICY, what, path,
			      "boot a newer kernel, or use an older policy",
			      "it calls the function '%.*s', which this kernel does not have",
			      (int)reason.len, reason.text);
	reason = missing_member(bpf_messages());
	if (reason.text)
		return report(RC_BAD_POLICY, what, path,
			      "boot a newer kernel, or use an older policy",
			      "it sets '%.*s' of struct mage_ops, which this kernel does not know",
			      (int)reason.len, reason.text);
	if (err == -EPERM)
		return report(RC_NOT_PERMITTED, what, path, NULL, "loading BPF: %s",
			      strerror(EPERM));
	if (err == -ENOMEM)
		return report(RC_FAILED, what, path, NULL, "loading BPF: %s", strerror(ENOMEM));
	reason = bpf_reason(-err);
	return report(RC_BAD_POLICY, what, path, "was it built for this kernel?",
		      "cannot be loaded: %.*s", (int)reason.len, reason.text);
}

int policy_object_fd(const struct policy_object *policy)
{
	return policy->object ? bpf_map__fd(policy->map) : policy->builtin_fd;
}

void policy_object_close(struct policy_object *policy)
{
	bpf_object__close(policy->object);
	policy->object = NULL;
	if (policy->builtin_fd >= 0)
		close(policy->builtin_fd);
	policy->builtin_fd = -1;
}
