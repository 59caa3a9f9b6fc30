// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/suggest.h"
#include "find.h"

bool is_command_group(const struct command_table *table, const char *word)
{
	for (size_t i = 0; i < table->nr; i++) {
		if (table->command[i].group && !strcmp(table->command[i].group, word))
			return true;
	}
	return false;
}

/* The words that may stand at a place: after @group, or first if it is NULL. */
static size_t possible_words(const struct command_table *table, const char *group,
			     const char **words)
{
	size_t nr = 0;

	for (size_t i = 0; i < table->nr; i++) {
		const char *own = table->command[i].group;

		if (!group)
			words[nr++] = own ? own : table->command[i].name;
		else if (own && !strcmp(own, group))
			words[nr++] = table->command[i].name;
	}
	return nr;
}

/* Before any command there are but three options. */
static void unknown_option(const char *typed)
{
	static const char *const options[] = { "--help", "--version", "--verbose" };
	char todo[64];

	if (!did_you_mean(todo, sizeof(todo), typed, options, 3))
		snprintf(todo, sizeof(todo), "options of a command follow it; see 'mage help'");
	report(RC_USAGE, "command line", typed, todo, "unknown option");
}

static void unknown_word(const struct command_table *table, const char *group, const char *typed)
{
	const char *words[MOST_COMMANDS], *near;
	char todo[128];

	near = suggest(typed, words, possible_words(table, group, words));
	if (near)
		snprintf(todo, sizeof(todo), "did you mean '%s%s%s'?", group ? group : "",
			 group ? " " : "", near);
	else
		snprintf(todo, sizeof(todo), "see 'mage help'");
	report(RC_USAGE, group ? group : "command line", typed, todo, "unknown command");
}

/* "mage load" instead of "mage policy load" is a slip of its own. */
static bool missing_group(const struct command_table *table, const char *typed)
{
	char todo[128];

	for (size_t i = 0; i < table->nr; i++) {
		if (!table->command[i].group || strcmp(table->command[i].name, typed))
			continue;
		snprintf(todo, sizeof(todo), "did you mean '%s %s'?", table->command[i].group,
			 typed);
		report(RC_USAGE, "command line", typed, todo, "unknown command");
		return true;
	}
	return false;
}

const struct command *find_command(const struct command_table *table, int argc, char **argv,
				   int *used)
{
	const char *group = NULL, *word;

	if (argc < 1) {
		report(RC_USAGE, "command line", NULL, "see 'mage help'", "no command given");
		return NULL;
	}
	*used = 1;
	word = argv[0];
	if (is_command_group(table, word)) {
		group = word;
		if (argc < 2) {
			report(RC_USAGE, group, NULL, "see 'mage help'", "no command given");
			return NULL;
		}
		*used = 2;
		word = argv[1];
	}
	for (size_t i = 0; i < table->nr; i++) {
		const char *own = table->command[i].group;

		if (!own != !group || strcmp(table->command[i].name, word))
			continue;
		if (!own || !strcmp(own, group))
			return &table->command[i];
	}
	if (!group && word[0] == '-')
		unknown_option(word);
	else if (group || !missing_group(table, word))
		unknown_word(table, group, word);
	return NULL;
}
