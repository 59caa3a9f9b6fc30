// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/options.h"
#include "commands/show_options.h"

enum rc show_options_read(const char *what, int argc, char **argv, bool needed, const char *names,
			  struct show_options *options)
{
	const struct option_spec specs[] = {
		{ "name", .value = &options->name },
		{ "json", .flag = &options->json },
		{ 0 },
	};
	struct operands operands;
	enum rc rc;

	memset(options, 0, sizeof(*options));
	if ((rc = options_parse(what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(what, &operands, needed, 1, names)))
		return rc;
	if (operands.nr)
		options->policy = operands.arg[0];
	return RC_OK;
}
