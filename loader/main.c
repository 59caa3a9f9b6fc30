// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "command.h"
#include "find.h"
#include "help.h"

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	}
	return false;
}

static enum rc dispatch(int argc, char **argv)
{
	const struct command *command;
	int used, words;

	if (argc && (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))) {
		print_overview(&command_table, NULL);
		return RC_OK;
	}
	if (argc && (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))) {
		puts("mage " MAGE_VERSION);
		return RC_OK;
	}
	if (argc == 2 && is_command_group(&command_table, argv[0]) && asks_for_help(1, argv + 1)) {
		print_overview(&command_table, argv[0]);
		return RC_OK;
	}
	command = find_command(&command_table, argc, argv, &used);
	if (!command)
		return RC_USAGE;
	words = argc - used;
	if (command->has_command && words > 1)
		words = 1;
	if (asks_for_help(words, argv + used)) {
		print_help(command);
		return RC_OK;
	}
	/* The last word of the name takes the place of the program's name. */
	return command->run(argc - used + 1, argv + used - 1);
}

int main(int argc, char **argv)
{
	enum rc rc;

	argc--;
	argv++;
	if (argc && (!strcmp(argv[0], "--verbose") || !strcmp(argv[0], "-v"))) {
		verbose = true;
		argc--;
		argv++;
	}
	rc = dispatch(argc, argv);
	/* A full disk or a closed pipe must not look like success. */
	if (fflush(stdout) || ferror(stdout)) {
		if (rc == RC_OK)
			rc = report(RC_FAILED, "output", NULL, NULL, "cannot write all of it");
	}
	return (int)rc;
}
