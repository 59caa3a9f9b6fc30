// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy list" */
#include <stdio.h>

#include "base/options.h"
#include "commands/policy_list.h"
#include "domains/sample_take.h"
#include "domains/status_json.h"
#include "domains/status_table.h"
#include "kernel/genl.h"
#include "policies/find.h"

enum rc cmd_policy_list(int argc, char **argv)
{
	static const char what[] = "policy list";
	bool json = false;
	const struct option_spec specs[] = {
		{ "json", .flag = &json },
		{ 0 },
	};
	struct policy_names names;
	struct sample sample;
	struct genl *genl;
	enum rc rc;
	int err;

	if ((rc = options_only(what, argc, argv, specs)) || (rc = genl_open(what, &genl)))
		return rc;
	err = sample_take(genl, 0, &sample);
	if (err) {
		rc = genl_fail(genl, err, what, NULL, NULL);
	} else {
		policy_names_read(&names);
		if (json)
			policies_json(stdout, &sample, (const char *const *)names.name, names.nr);
		else
			policies_table(stdout, &sample, (const char *const *)names.name, names.nr);
		policy_names_free(&names);
		sample_free(&sample);
	}
	genl_close(genl);
	return rc;
}
