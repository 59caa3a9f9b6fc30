// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "help.h"

static void put_name(const struct command *command)
{
	printf("mage %s%s%s", command->group ? command->group : "", command->group ? " " : "",
	       command->name);
}

void print_overview(const struct command_table *table, const char *group)
{
	puts("mage: far memory for Linux\n\nCommands:");
	for (size_t i = 0; i < table->nr; i++) {
		const struct command *command = &table->command[i];

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
