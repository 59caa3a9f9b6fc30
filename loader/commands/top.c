// SPDX-License-Identifier: GPL-2.0-only
/* "mage top" */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arguments.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "base/signals.h"
#include "base/suggest.h"
#include "commands/top.h"
#include "domains/sample_take.h"
#include "domains/top_screen.h"
#include "kernel/cores.h"
#include "kernel/genl.h"

#define WHAT "top"

struct request {
	bool batch;
	double seconds;
	uint64_t count; /* of screens, 0 for no end */
	size_t sort;
};

static const char *evictor_cpus(void)
{
	static struct cores cores;
	static char text[64];

	if (!cores_read(&cores))
		return "?";
	cpu_list_format(&cores.evictors, text, sizeof(text));
	return text;
}

static int draw(const struct sample *now, const struct sample *before, struct request *request)
{
	struct top_lines lines;
	int err = top_view(now, before, evictor_cpus(), request->sort,
			   request->batch ? 80 : top_screen_width(), &lines);

	if (err)
		return err;
	if (request->batch) {
		for (size_t i = 0; i < lines.nr; i++)
			puts(lines.line[i]);
		putchar('\n');
		fflush(stdout);
	} else {
		top_screen_draw(&lines, request->sort);
	}
	top_lines_free(&lines);
	return 0;
}

static void handle_key(int key, struct request *request)
{
	if (key == 'q')
		ended = 1;
	for (size_t i = 0; i < nr_top_keys; i++) {
		if (top_keys[i].key == key)
			request->sort = i;
	}
}

/* Until the next sample is due; redraws at once after a key or a new size of the window. */
static int pause_for(double until, const struct sample *now, const struct sample *before,
		     struct request *request)
{
	double left;

	while (!ended && (left = until - clock_seconds()) > 0) {
		int milliseconds = (int)(left * 1000) + 1, key, err;

		if (request->batch) {
			clock_wait(until);
			continue;
		}
		key = top_screen_key(milliseconds);
		handle_key(key, request);
		err = key && !ended && before ? draw(now, before, request) : 0;
		if (err)
			return err;
	}
	return 0;
}

/* 0, or a negative errno; the samples are shown until the end is asked for. */
static int show(struct genl *genl, struct request *request)
{
	struct sample before = { 0 }, now = { 0 };
	double until = clock_seconds();
	uint64_t shown = 0;
	int err;

	err = sample_take(genl, 0, &now);
	/* At first there is nothing to compare with: the totals of no time are shown as 0. */
	if (!err && !request->batch)
		err = draw(&now, &now, request);
	while (!err && !ended && (!request->count || shown < request->count)) {
		until += request->seconds;
		err = pause_for(until, &now, shown ? &before : &now, request);
		if (err || ended)
			break;
		sample_free(&before);
		before = now;
		err = sample_take(genl, 0, &now);
		if (err)
			memset(&now, 0, sizeof(now));
		else
			err = draw(&now, &before, request);
		shown++;
		if (ferror(stdout))
			break;
	}
	sample_free(&before);
	sample_free(&now);
	return err;
}

static enum rc read_sort(const char *typed, struct request *request)
{
	const char *names[16];
	char todo[128];

	for (size_t i = 0; i < nr_top_keys; i++) {
		names[i] = top_keys[i].name;
		if (strcmp(typed, names[i]))
			continue;
		request->sort = i;
		return RC_OK;
	}
	if (!did_you_mean(todo, sizeof(todo), typed, names, nr_top_keys))
		snprintf(todo, sizeof(todo), "see 'mage top --help'");
	return report(RC_USAGE, WHAT, typed, todo, "nothing to sort by");
}

static enum rc read_request(int argc, char **argv, struct request *request)
{
	const char *interval = NULL, *count = NULL, *sort = NULL;
	const struct option_spec specs[] = {
		{ "batch", .flag = &request->batch },
		{ "interval", .value = &interval },
		{ "count", .value = &count },
		{ "sort", .value = &sort },
		{ 0 },
	};
	enum rc rc;

	/* As top(1) has it. */
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-b"))
			argv[i] = (char *)"--batch";
	}
	request->seconds = 1;
	rc = options_only(WHAT, argc, argv, specs);
	if (rc)
		return rc;
	if (interval)
		rc = argument_seconds(WHAT, "interval", interval, "give seconds, as in 2 or 0.5",
				      &request->seconds);
	if (!rc && count)
		rc = argument_number(WHAT, "count", count, UINT32_MAX, &request->count);
	if (rc || !sort)
		return rc;
	return read_sort(sort, request);
}

enum rc cmd_top(int argc, char **argv)
{
	struct request request = { 0 };
	struct genl *genl;
	enum rc rc;
	int err;

	rc = read_request(argc, argv, &request);
	if (rc)
		return rc;
	if (!request.batch && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return report(RC_USAGE, WHAT, NULL, "use -b", "this is no terminal");
	rc = genl_open(WHAT, &genl);
	if (rc)
		return rc;
	signals_catch();
	if (!request.batch && !top_screen_open()) {
		genl_close(genl);
		return report(RC_FAILED, WHAT, "TERM", "set TERM, or use -b",
			      "the terminal is of an unknown kind");
	}
	err = show(genl, &request);
	if (!request.batch)
		top_screen_close();
	if (err)
		rc = genl_fail(genl, err, WHAT, NULL, NULL);
	genl_close(genl);
	return rc;
}
