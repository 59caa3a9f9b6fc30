/* SPDX-License-Identifier: GPL-2.0-only */
/* What "mage help" and --help print, on standard output. */
#ifndef MAGE_HELP_H
#define MAGE_HELP_H

#include "table.h"

/* A line for each command, of one group only unless it is NULL. */
void print_overview(const struct command_table *table, const char *group);
/* All about one command. */
void print_help(const struct command *command);

#endif
