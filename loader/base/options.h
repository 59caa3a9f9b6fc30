/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of one command, given as a table. */
#ifndef MAGE_BASE_OPTIONS_H
#define MAGE_BASE_OPTIONS_H

#include <stdbool.h>

#include "base/exit_codes.h"

#define MOST_WORDS 32

/* The arguments of an option that may be given several times. */
struct word_list {
	int nr;
	const char *word[MOST_WORDS];
};

/*
 * With @value or @list alone the option needs an argument, with @flag alone it
 * takes none, with @value and @flag it may have one (--name=ARGUMENT).  A table
 * ends with a NULL name.
 */
struct option_spec {
	const char *name;
	const char **value;
	bool *flag;
	struct word_list *list;
};

struct operands {
	int nr;
	char **arg;
};

/*
 * Reads the command line of @what ("device connect"); argv[0] is skipped.
 * What is no option is left in @operands.  --verbose is known to every
 * command.  A mistake is reported with what was probably meant.
 */
enum rc options_parse(const char *what, int argc, char **argv, const struct option_spec *specs,
		      struct operands *operands);

/* The same, but the first operand ends the options: it is a command with its own. */
enum rc options_parse_command(const char *what, int argc, char **argv,
			      const struct option_spec *specs, struct operands *operands);

/* options_parse() for a command without operands: one is a mistake. */
enum rc options_only(const char *what, int argc, char **argv, const struct option_spec *specs);

/* Between @min and @max operands?  @names says what they are: "DEVICE". */
enum rc operands_check(const char *what, const struct operands *operands, int min, int max,
		       const char *names);

#endif
