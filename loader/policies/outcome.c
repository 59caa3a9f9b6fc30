// SPDX-License-Identifier: GPL-2.0-only
#include "common/json.h"
#include "policies/outcome.h"

void outcome_text(FILE *out, const char *cgroup, const char *before, bool dry_run,
		  const struct policy_outcome *outcome)
{
	fprintf(out, "%s: %s by the policy '%s'", cgroup,
		dry_run ? "would be governed" : "governed", outcome->policy);
	if (before)
		fprintf(out, " instead of '%s'", before);
	fputs(dry_run ? "; nothing was changed\n" : "\n", out);
}

void outcome_json(FILE *out, const char *path, const char *before, bool dry_run,
		  const struct policy_outcome *outcome)
{
	struct json json;

	json_start(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "cgroup", path);
	json_string(&json, "policy", outcome->policy);
	json_string(&json, "instead_of", before);
	json_bool(&json, "dry_run", dry_run);
	json_close_object(&json);
	json_end(&json);
}
