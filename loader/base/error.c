// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "common/one_line.h"

bool verbose;
const char *error_note;
struct error_line *error_kept;

static const char *default_todo(enum rc rc)
{
	switch (rc) {
	case RC_NOT_PERMITTED:
		return "run it as root";
	default:
		return NULL;
	}
}

enum rc report(enum rc rc, const char *what, const char *on, const char *todo, const char *why, ...)
{
	char text[512];
	va_list args;

	va_start(args, why);
	vsnprintf(text, sizeof(text), why, args);
	va_end(args);

	if (!todo)
		todo = default_todo(rc);
	if (error_kept) {
		snprintf(error_kept->text, sizeof(error_kept->text), "%s: %s%s%s", what,
			 on ? on : "", on ? ": " : "", text);
		snprintf(error_kept->todo, sizeof(error_kept->todo), "%s", todo ? todo : "");
		return rc;
	}

	/* What went to standard output before must not appear after the error. */
	fflush(stdout);
	fprintf(stderr, "mage: %s: ", what);
	if (on) {
		put_one_line(stderr, on);
		fputs(": ", stderr);
	}
	put_one_line(stderr, text);
	if (todo) {
		fputs("; ", stderr);
		put_one_line(stderr, todo);
	}
	if (error_note) {
		fputs("; ", stderr);
		put_one_line(stderr, error_note);
	}
	fputc('\n', stderr);
	return rc;
}
