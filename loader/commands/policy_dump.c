// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy dump" */
#include <stdio.h>

#include "base/options.h"
#include "commands/policy_dump.h"
#include "common/json.h"
#include "domains/governed.h"
#include "policies/calls.h"

#define WHAT "policy dump"

static void show(const char *cgroup, const struct policy_said *said, bool as_json)
{
	struct json json;

	if (!as_json) {
		said_text(stdout, "", said->text, said->cut);
		return;
	}
	json_start(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "cgroup", cgroup);
	json_string(&json, "policy", said->policy);
	json_string(&json, "dump", said->text);
	json_bool(&json, "dump_cut", said->cut);
	json_close_object(&json);
	json_end(&json);
}

enum rc cmd_policy_dump(int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = {
		{ "json", .flag = &json },
		{ 0 },
	};
	struct governed governed;
	struct operands operands;
	struct policy_said said;
	enum rc rc;
	int err;

	if ((rc = options_parse(WHAT, argc, argv, specs, &operands)) ||
	    (rc = operands_check(WHAT, &operands, true, 1, "the policy or the cgroup")))
		return rc;
	rc = governed_find(WHAT, operands.arg[0], &governed);
	if (!rc) {
		err = genl_policy_dump(governed.genl, governed.id, &said);
		if (err)
			rc = genl_fail(governed.genl, err, WHAT, operands.arg[0], NULL);
		else
			show(governed.path, &said, json);
	}
	governed_close(&governed);
	return rc;
}
