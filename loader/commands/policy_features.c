// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy features": what this kernel offers to policies, or has of what one needs. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "commands/policy_features.h"
#include "commands/show_options.h"
#include "common/json.h"
#include "kernel/presence.h"
#include "policies/features.h"
#include "policies/find.h"
#include "policies/layout.h"

#define WHAT "policy features"

static const char *kernel_text(const struct feature *feature)
{
	if (feature->in_kernel)
		return "yes";
	return feature->optional ? "no, not needed" : "no";
}

static void show_text(const struct features *features)
{
	printf("%-16s %-32s %s\n", "KIND", "NAME", "KERNEL");
	for (size_t i = 0; i < features->nr; i++) {
		const struct feature *feature = &features->feature[i];

		printf("%-16s %-32s %s\n", feature->kind, feature->name, kernel_text(feature));
	}
}

static void show_json(const struct features *features)
{
	struct json json;

	json_start(&json, stdout);
	json_open_object(&json, NULL);
	json_open_array(&json, "features");
	for (size_t i = 0; i < features->nr; i++) {
		const struct feature *feature = &features->feature[i];

		json_open_object(&json, NULL);
		json_string(&json, "kind", feature->kind);
		json_string(&json, "name", feature->name);
		json_bool(&json, "in_kernel", feature->in_kernel);
		json_bool(&json, "optional", feature->optional);
		json_close_object(&json);
	}
	json_close_array(&json);
	json_close_object(&json);
	json_end(&json);
}

static enum rc read_policy(const struct btf *kernel, const char *typed, const char *name,
			   struct features *features)
{
	struct policy_object policy;
	char path[PATH_MAX];
	enum rc rc;
	int err;

	/* It has no callback and calls nothing. */
	features->nr = 0;
	if (!strcmp(typed, BUILTIN_POLICY))
		return RC_OK;
	if ((rc = policy_find(WHAT, typed, path, sizeof(path))) ||
	    (rc = policy_object_open(WHAT, path, name, 0, &policy)))
		return rc;
	err = features_of_policy(kernel, path, &policy, features);
	policy_object_close(&policy);
	if (err)
		return report(rc_of_errno(-err), WHAT, path, NULL, "cannot read its symbols: %s",
			      strerror(-err));
	return RC_OK;
}

static enum rc missing(const char *typed, const struct features *features)
{
	size_t nr = features_missing(features), used = 0;
	char names[256] = "";

	for (size_t i = 0; i < features->nr && used < sizeof(names); i++) {
		const struct feature *feature = &features->feature[i];

		if (!feature->in_kernel && !feature->optional)
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s %s",
						 used ? ", " : "", feature->kind, feature->name);
	}
	if (!nr)
		return RC_OK;
	return report(RC_BAD_POLICY, WHAT, typed, "boot a newer kernel, or use an older policy",
		      "this kernel lacks what it needs: %s", names);
}

static enum rc open_kernel(struct btf **kernel)
{
	struct kernel_layout layout;

	/* The types are there when Mage is off, too. */
	if (!mage_is_there())
		return no_mage(WHAT);
	*kernel = kernel_types_load();
	if (!*kernel)
		return report(RC_FAILED, WHAT, NULL, "boot one built with CONFIG_DEBUG_INFO_BTF=y",
			      "this kernel does not describe its types");
	if (!kernel_layout_find(*kernel, &layout))
		return RC_OK;
	btf__free(*kernel);
	return no_mage(WHAT);
}

enum rc cmd_policy_features(int argc, char **argv)
{
	static struct features features;
	struct show_options options;
	struct btf *kernel = NULL;
	enum rc rc;

	if ((rc = show_options_read(WHAT, argc, argv, false, "the policy", &options)) ||
	    (rc = open_kernel(&kernel)))
		return rc;
	if (options.policy)
		rc = read_policy(kernel, options.policy, options.name, &features);
	else
		features_of_kernel(kernel, &features);
	btf__free(kernel);
	if (rc)
		return rc;
	if (options.json)
		show_json(&features);
	else
		show_text(&features);
	return options.policy ? missing(options.policy, &features) : RC_OK;
}
