// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "base/suggest.h"

#define MOST_OPTIONS 16

static enum rc unknown_option(const char *what, const char *typed, const struct option *longs,
			      int nr)
{
	const char *names[MOST_OPTIONS + 1], *near;
	char name[64], todo[128];
	size_t len;

	if (typed[0] != '-' || typed[1] != '-')
		return report(RC_USAGE, what, typed, "see 'mage help'", "unknown option");

	len = strcspn(typed + 2, "=");
	snprintf(name, sizeof(name), "%.*s", (int)len, typed + 2);
	for (int i = 0; i < nr; i++)
		names[i] = longs[i].name;
	near = suggest(name, names, (size_t)nr);
	if (near)
		snprintf(todo, sizeof(todo), "did you mean --%s?", near);
	else
		snprintf(todo, sizeof(todo), "see 'mage %s --help'", what);
	return report(RC_USAGE, what, typed, todo, "unknown option");
}

static enum rc set_option(const char *what, const struct option_spec *spec, const char *argument)
{
	if (spec->flag)
		*spec->flag = true;
	if (spec->value && argument)
		*spec->value = argument;
	if (!spec->list)
		return RC_OK;
	if (spec->list->nr == MOST_WORDS)
		return report(RC_USAGE, what, argument, NULL, "more than %d times --%s", MOST_WORDS,
			      spec->name);
	spec->list->word[spec->list->nr++] = argument;
	return RC_OK;
}

static enum rc parse(const char *what, int argc, char **argv, const char *shorts,
		     const struct option_spec *specs, struct operands *operands)
{
	struct option longs[MOST_OPTIONS + 2] = { 0 };
	int nr, index = 0, c;
	char todo[64];
	enum rc rc;

	for (nr = 0; specs[nr].name && nr < MOST_OPTIONS; nr++) {
		longs[nr].name = specs[nr].name;
		if (specs[nr].value || specs[nr].list)
			longs[nr].has_arg = specs[nr].flag ? optional_argument : required_argument;
	}
	longs[nr].name = "verbose";
	longs[nr].val = 'v';

	/* 0 and not 1: glibc starts afresh. */
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, &index)) != -1) {
		/* A short option is at argv[optind] or before it; a long one is behind us. */
		const char *typed = argv[optind > 1 ? optind - 1 : 1];

		switch (c) {
		case 0:
			/*
			 * "--watch 2" must not silently mean something else
			 * than "--watch=2": operands are the command's.
			 */
			rc = set_option(what, &specs[index], optarg);
			if (rc)
				return rc;
			break;
		case 'v':
			verbose = true;
			break;
		case ':':
			return report(RC_USAGE, what, typed, NULL, "the option needs an argument");
		default:
			if (!optopt || typed[1] == '-') {
				const char *equals = strchr(typed, '=');

				/* Known, but written with an argument that it does not take. */
				for (int i = 0; equals && i <= nr; i++) {
					size_t len = strlen(longs[i].name);

					if (len == (size_t)(equals - typed - 2) &&
					    !strncmp(typed + 2, longs[i].name, len))
						return report(RC_USAGE, what, typed, NULL,
							      "the option takes no argument");
				}
				return unknown_option(what, typed, longs, nr + 1);
			}
			snprintf(todo, sizeof(todo), "see 'mage %s --help'", what);
			return report(RC_USAGE, what, NULL, todo, "unknown option -%c", optopt);
		}
	}
	operands->nr = argc - optind;
	operands->arg = argv + optind;
	return RC_OK;
}

enum rc options_parse(const char *what, int argc, char **argv, const struct option_spec *specs,
		      struct operands *operands)
{
	return parse(what, argc, argv, ":v", specs, operands);
}

enum rc options_parse_command(const char *what, int argc, char **argv,
			      const struct option_spec *specs, struct operands *operands)
{
	return parse(what, argc, argv, "+:v", specs, operands);
}

enum rc operands_check(const char *what, const struct operands *operands, int min, int max,
		       const char *names)
{
	char todo[64];

	snprintf(todo, sizeof(todo), "see 'mage %s --help'", what);
	if (operands->nr < min)
		return report(RC_USAGE, what, NULL, todo, "%s is missing", names);
	if (operands->nr > max)
		return report(RC_USAGE, what, operands->arg[max], todo,
			      max ? "one argument too many" : "takes no such argument");
	return RC_OK;
}

enum rc options_only(const char *what, int argc, char **argv, const struct option_spec *specs)
{
	struct operands operands;
	enum rc rc = options_parse(what, argc, argv, specs, &operands);

	return rc ? rc : operands_check(what, &operands, 0, 0, "");
}
