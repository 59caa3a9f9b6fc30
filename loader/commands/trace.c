// SPDX-License-Identifier: GPL-2.0-only
/* "mage trace faults", "batches", "rescues", "waits": what happens, interval by interval. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arguments.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "base/signals.h"
#include "cgroups/path.h"
#include "commands/trace.h"
#include "tracing/object.h"
#include "tracing/render.h"
#include "tracing/request.h"

struct request {
	const struct trace_kind *kind;
	char what[32]; /* "trace faults" */
	const char *cgroup; /* as typed, NULL for all */
	uint64_t cgroup_id; /* 0 for all */
	double seconds;
	uint64_t count; /* of intervals, 0 for no end */
	bool json;
};

static enum rc read_request(int argc, char **argv, struct request *request)
{
	const char *interval = NULL, *count = NULL, *what = request->what;
	const struct option_spec specs[] = {
		{ "cgroup", .value = &request->cgroup },
		{ "interval", .value = &interval },
		{ "count", .value = &count },
		{ "json", .flag = &request->json },
		{ 0 },
	};
	enum rc rc;

	request->seconds = 1;
	rc = options_only(what, argc, argv, specs);
	if (rc)
		return rc;
	if (interval)
		rc = argument_seconds(what, "interval", interval, "give seconds, as in 2 or 0.5",
				      &request->seconds);
	if (!rc && count)
		rc = argument_number(what, "count", count, UINT32_MAX, &request->count);
	return rc;
}

static void show_domain(const struct request *request, struct json *json,
			const struct trace_row *row, size_t nr, double seconds)
{
	char *path = cgroup_path(row->key.cgroup_id);

	if (request->json) {
		json_open_object(json, NULL);
		json_string(json, "cgroup", path);
		json_u64(json, "cgroup_id", row->key.cgroup_id);
		trace_render_json(json, request->kind, row, nr);
		json_close_object(json);
	} else {
		trace_render(stdout, request->kind, cgroup_shown(path), row, nr, seconds);
	}
	free(path);
}

static void show_domains(const struct request *request, struct json *json,
			 const struct trace_rows *rows, double seconds)
{
	for (size_t i = 0; i < rows->nr;) {
		size_t nr = trace_rows_of_domain(&rows->row[i], rows->nr - i);

		show_domain(request, json, &rows->row[i], nr, seconds);
		i += nr;
	}
}

static void show(const struct request *request, const struct trace_rows *rows, double seconds,
		 uint64_t lost)
{
	struct json json;

	if (request->json) {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		json_start(&json, stdout);
		json_open_object(&json, NULL);
		json_double(&json, "time", (double)now.tv_sec + (double)now.tv_nsec / 1e9);
		json_double(&json, "interval_s", seconds);
		json_u64(&json, "lost", lost);
		json_open_array(&json, "domains");
		show_domains(request, &json, rows, seconds);
		json_close_array(&json);
		json_close_object(&json);
		json_end(&json);
		return;
	}
	if (rows->nr)
		show_domains(request, NULL, rows, seconds);
	else
		printf("no %s in %.1f s\n", request->kind->name, seconds);
	if (lost)
		printf("%llu more were not counted: too many domains\n", (unsigned long long)lost);
	putchar('\n');
	fflush(stdout);
}

/* Shows what was counted since @before, which then has what is counted now. */
static int show_interval(const struct request *request, const struct trace_object *trace,
			 struct trace_rows *before, uint64_t *lost_before, double seconds)
{
	struct trace_rows now, since;
	uint64_t lost;
	int err;

	err = trace_object_counts(trace, request->cgroup_id, &now);
	if (!err)
		err = trace_object_lost(trace, &lost);
	if (err)
		return err;
	since.nr = now.nr;
	since.row = malloc((now.nr + 1) * sizeof(*since.row));
	if (!since.row) {
		trace_rows_free(&now);
		return -ENOMEM;
	}
	if (now.nr)
		memcpy(since.row, now.row, now.nr * sizeof(*since.row));
	trace_rows_since(&since, before);
	show(request, &since, seconds, lost - *lost_before);
	trace_rows_free(&since);
	trace_rows_free(before);
	*before = now;
	*lost_before = lost;
	return 0;
}

/* Every interval, and what is left of one when the end is asked for. */
static enum rc watch(const struct request *request, const struct trace_object *trace)
{
	struct trace_rows before = { 0 };
	double began = clock_seconds();
	double next = began;
	uint64_t lost = 0;
	int err = 0;

	for (uint64_t shown = 0; !ended && (!request->count || shown < request->count); shown++) {
		double now;

		next += request->seconds;
		clock_wait(next);
		now = clock_seconds();
		err = show_interval(request, trace, &before, &lost, now - began);
		began = now;
		if (err || ferror(stdout))
			break;
	}
	trace_rows_free(&before);
	if (err)
		return report(rc_of_errno(-err), request->what, request->cgroup, NULL,
			      "cannot read what was counted: %s", strerror(-err));
	return RC_OK;
}

static enum rc trace_kind(const struct trace_kind *kind, int argc, char **argv)
{
	struct request request = { .kind = kind };
	struct trace_object trace;
	enum rc rc;

	snprintf(request.what, sizeof(request.what), "trace %s", kind->name);
	if ((rc = read_request(argc, argv, &request)) ||
	    (rc = trace_find_domain(request.what, request.cgroup, &request.cgroup_id)))
		return rc;
	signals_catch();
	if (!(rc = trace_object_open(request.what, kind->name, &trace)) &&
	    !(rc = trace_object_load(request.what, &trace)) &&
	    !(rc = trace_object_attach(request.what, &trace))) {
		fprintf(stderr, "Tracing %s; Ctrl-C ends it.\n", kind->name);
		rc = watch(&request, &trace);
	}
	trace_object_close(&trace);
	return rc;
}

enum rc cmd_trace_faults(int argc, char **argv)
{
	return trace_kind(&trace_faults, argc, argv);
}

enum rc cmd_trace_batches(int argc, char **argv)
{
	return trace_kind(&trace_batches, argc, argv);
}

enum rc cmd_trace_rescues(int argc, char **argv)
{
	return trace_kind(&trace_rescues, argc, argv);
}

enum rc cmd_trace_waits(int argc, char **argv)
{
	return trace_kind(&trace_waits, argc, argv);
}
