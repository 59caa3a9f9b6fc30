// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <unistd.h>

#include "base/arguments.h"
#include "base/error.h"
#include "base/parse.h"

enum rc argument_needed(const char *what, const char *option, const char *typed, const char *todo)
{
	return typed ? RC_OK : report(RC_USAGE, what, NULL, todo, "--%s is missing", option);
}

static enum rc check(const char *what, const char *name, const char *typed, const char *todo,
		     enum parse_result result)
{
	if (result == PARSE_OK)
		return RC_OK;
	return report(RC_USAGE, what, typed, todo, "the %s %s", name, parse_result_text(result));
}

enum rc argument_seconds(const char *what, const char *name, const char *typed, const char *todo,
			 double *seconds)
{
	return check(what, name, typed, todo, parse_seconds(typed, seconds));
}

enum rc argument_number(const char *what, const char *name, const char *typed, uint64_t max,
			uint64_t *number)
{
	enum parse_result result = parse_number(typed, max, number);

	if (result == PARSE_OK && !*number)
		result = PARSE_ZERO;
	return check(what, name, typed, NULL, result);
}

enum rc argument_pages(const char *what, const char *name, const char *typed, const char *todo,
		       uint64_t *bytes)
{
	return check(what, name, typed, todo,
		     parse_page_size(typed, (uint64_t)sysconf(_SC_PAGESIZE), bytes));
}
