// SPDX-License-Identifier: GPL-2.0-only
/* "mage help" and --help. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "command.h"

static void put_name(const struct command *command)
{
	printf("mage %s%s%s", command->group ? command->group : "", command->group ? " " : "",
	       command->name);
}

void print_overview(const char *group)
{
	puts("mage: far memory for Linux\n\nCommands:");
	for (size_t i = 0; i < nr_commands; i++) {
		const struct command *command = &commands[i];

		if (group && (!command->group || strcmp(command->group, group)))
			continue;
		printf("  %-9s%-*s%s\n", command->group ? command->group : command->name, 13,
		       command->group ? command->name : "", command->summary);
	}
	puts("\nEach takes --help, and --verbose to show what libbpf and the verifier say.\n"
	     "Exit status: 0 done, 1 failed, 2 usage, 3 no Mage in this kernel, 4 not permitted,\n"
	     "5 not found, 6 exists or busy, 7 no valid policy.  More in mage(8).");
}

void print_help(const struct command *command)
{
	const char *line = command->synopsis;
	const char *intro = "Usage: ";

	while (*line) {
		int len = (int)strcspn(line, "\n");

		fputs(intro, stdout);
		put_name(command);
		printf(" %.*s\n", len, line);
		intro = "       ";
		line += len;
		line += *line == '\n';
	}
	printf("\nTo %s.\n", command->summary);
	if (command->details)
		printf("\n%s", command->details);
}

enum rc cmd_help(int argc, char **argv)
{
	const struct command *command;
	int used;

	if (argc < 2 || (argc == 2 && is_command_group(argv[1]))) {
		print_overview(argv[1]);
		return RC_OK;
	}
	command = find_command(argc - 1, argv + 1, &used);
	if (!command)
		return RC_USAGE;
	if (used < argc - 1)
		return report(RC_USAGE, "help", argv[used + 1], NULL, "one argument too many");
	print_help(command);
	return RC_OK;
}
