/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of what shows a policy: [NAME|FILE] [--name NAME] [--json]. */
#ifndef MAGE_COMMANDS_SHOW_OPTIONS_H
#define MAGE_COMMANDS_SHOW_OPTIONS_H

#include <stdbool.h>

#include "base/exit_codes.h"

struct show_options {
	const char *policy; /* NULL for none */
	const char *name; /* which of several in a file, or NULL */
	bool json;
};

/* @needed: there must be a policy; @names is what that is called in messages. */
enum rc show_options_read(const char *what, int argc, char **argv, bool needed, const char *names,
			  struct show_options *options);

#endif
