/* SPDX-License-Identifier: GPL-2.0-only */
/* From a command line to its command. */
#ifndef MAGE_FIND_H
#define MAGE_FIND_H

#include "table.h"

/*
 * The command that argv names, or NULL after an error line; *used is the
 * number of words that its name took.  A group without a command is an error too.
 */
const struct command *find_command(const struct command_table *table, int argc, char **argv,
				   int *used);

/* Is it the first word of commands of two words? */
bool is_command_group(const struct command_table *table, const char *word);

#endif
