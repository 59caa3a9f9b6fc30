// SPDX-License-Identifier: GPL-2.0-only
/* "mage policy list" */
#include <stdio.h>

#include "base/options.h"
#include "command.h"
#include "domains/status_render.h"
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
	struct operands operands;
	struct policy_names names;
	struct sample sample;
	struct genl *genl;
	enum rc rc;
	int err;

	if ((rc = options_parse(what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(what, &operands, 0, 0, "")) || (rc = genl_open(what, &genl)))
		return rc;
	err = sample_take(genl, 0, &sample);
	if (err) {
		rc = genl_fail(genl, err, what, NULL, NULL);
	} else {
		policy_names_read(&names);
		if (json)
			policies_json(stdout, &sample, &names);
		else
			policies_table(stdout, &sample, &names);
		policy_names_free(&names);
		sample_free(&sample);
	}
	genl_close(genl);
	return rc;
}
