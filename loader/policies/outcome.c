// SPDX-License-Identifier: GPL-2.0-only
#include "common/json.h"
#include "policies/description.h"
#include "policies/outcome.h"

static void tunables_line(FILE *out, const char *cgroup, const char *what,
			  const struct tunables *tunables)
{
	char value[24];

	fprintf(out, "%s: %s:", cgroup, what);
	for (size_t i = 0; i < tunables->nr; i++) {
		const struct tunable *t = &tunables->tunable[i];

		tunable_format(t, t->value, value, sizeof(value));
		fprintf(out, "%s %s=%s", i ? "," : "", t->name, value);
	}
	fputc('\n', out);
}

static void tunables_array(struct json *json, const char *name, const struct tunables *tunables)
{
	json_open_array(json, name);
	for (size_t i = 0; i < tunables->nr; i++) {
		const struct tunable *t = &tunables->tunable[i];

		json_open_object(json, NULL);
		json_string(json, "name", t->name);
		tunable_value_json(json, "value", t, t->value);
		json_close_object(json);
	}
	json_close_array(json);
}

void outcome_notes(FILE *out, const char *cgroup, const struct policy_outcome *outcome)
{
	for (size_t i = 0; i < outcome->left_out.nr; i++)
		fprintf(out,
			"%s: note: without the callback '%s', which this kernel does not have\n",
			cgroup, outcome->left_out.callback[i]);
}

void outcome_text(FILE *out, const char *cgroup, const char *before, bool dry_run,
		  const struct policy_outcome *outcome)
{
	fprintf(out, "%s: %s by the policy '%s'", cgroup,
		dry_run ? "would be governed" : "governed", outcome->policy);
	if (before)
		fprintf(out, " instead of '%s'", before);
	fputs(dry_run ? "; nothing was changed\n" : "\n", out);
	outcome_notes(out, cgroup, outcome);
	if (outcome->tunables.kept.nr)
		tunables_line(out, cgroup, "kept", &outcome->tunables.kept);
	if (outcome->tunables.lost.nr)
		tunables_line(out, cgroup, "not kept, as the new policy has none such",
			      &outcome->tunables.lost);
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
	json_open_array(&json, "left_out");
	for (size_t i = 0; i < outcome->left_out.nr; i++)
		json_string(&json, NULL, outcome->left_out.callback[i]);
	json_close_array(&json);
	tunables_array(&json, "kept", &outcome->tunables.kept);
	tunables_array(&json, "not_kept", &outcome->tunables.lost);
	json_close_object(&json);
	json_end(&json);
}
