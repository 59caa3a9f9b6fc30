/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of a command without running it. */
#ifndef MAGE_TABLE_H
#define MAGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/exit_codes.h"

struct command {
	const char *group; /* "device", or NULL for a command of one word */
	const char *name;
	const char *summary;
	const char *synopsis; /* after the name: "DEVICE [--swapoff]" */
	const char *details; /* whole lines, or NULL */
	/*
	 * argv[0] is the last word of the name.  Reports what is wrong and returns the exit status;
	 * run has those of its command beside those of enum rc.
	 */
	enum rc (*run)(int argc, char **argv);
	bool has_command; /* what follows its options is a command with its own */
};

#define MOST_COMMANDS 64

struct command_table {
	const struct command *command;
	size_t nr; /* at most MOST_COMMANDS */
};

#endif
