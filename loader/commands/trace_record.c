// SPDX-License-Identifier: GPL-2.0-only
/* "mage trace record": the pages that a cgroup misses, in order, as a file that can be replayed. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/types.h>

#include "base/error.h"
#include "base/options.h"
#include "base/parse.h"
#include "bpf/record.h"
#include "cgroups/cgroup.h"
#include "command.h"
#include "common/json.h"
#include "tracing/file.h"
#include "tracing/object.h"
#include "tracing/pages.h"
#include "tracing/request.h"

#define WHAT "trace record"

#define MOST_REFERENCES (1U << 24)
#define MOST_BUFFER (1ULL << 30)
#define LOOK_MS 100

struct request {
	const char *cgroup; /* as typed */
	uint64_t cgroup_id;
	const char *output;
	char name[TRACE_NAME_MAX];
	double seconds; /* 0: until it ends by itself */
	uint64_t most; /* references */
	uint64_t buffer; /* bytes */
	bool json;
};

struct recording {
	struct trace trace;
	struct trace_pages pages;
	uint64_t most;
	uint64_t first_touches;
	double began;
	double shown; /* when progress was shown last */
	bool was_populated;
	bool full;
	int err;
};

/* "runs/scan.trace" is the trace scan, unless that is no word. */
static void name_of_file(const char *file, char *name)
{
	static const char suffix[] = ".trace";
	const char *slash = strrchr(file, '/');
	size_t len;

	if (slash)
		file = slash + 1;
	len = strlen(file);
	if (len > strlen(suffix) && !strcmp(file + len - strlen(suffix), suffix))
		len -= strlen(suffix);
	if (!len || len >= TRACE_NAME_MAX || strcspn(file, " \t\n\v\f\r") < len)
		snprintf(name, TRACE_NAME_MAX, "trace");
	else
		snprintf(name, TRACE_NAME_MAX, "%.*s", (int)len, file);
}

static enum rc read_name(const char *typed, struct request *request)
{
	size_t len;

	if (!typed) {
		name_of_file(request->output, request->name);
		return RC_OK;
	}
	len = strlen(typed);
	if (!len || len >= TRACE_NAME_MAX || strcspn(typed, " \t\n\v\f\r") < len)
		return report(RC_USAGE, WHAT, typed, NULL,
			      "the name of a trace is one word of at most %d characters",
			      TRACE_NAME_MAX - 1);
	memcpy(request->name, typed, len + 1);
	return RC_OK;
}

static enum rc read_buffer(const char *typed, struct request *request)
{
	enum parse_result result = parse_size(typed, &request->buffer);

	if (result == PARSE_OK && request->buffer > MOST_BUFFER)
		result = PARSE_OVERFLOW;
	if (result == PARSE_OK)
		return RC_OK;
	return report(RC_USAGE, WHAT, typed, "give at most 1G", "the size of the buffer %s",
		      parse_result_text(result));
}

static enum rc read_request(int argc, char **argv, struct request *request)
{
	const char *seconds = NULL, *name = NULL, *most = NULL, *buffer = NULL;
	const struct option_spec specs[] = {
		{ "cgroup", .value = &request->cgroup },
		{ "output", .value = &request->output },
		{ "name", .value = &name },
		{ "seconds", .value = &seconds },
		{ "max-references", .value = &most },
		{ "buffer", .value = &buffer },
		{ "json", .flag = &request->json },
		{ 0 },
	};
	struct operands operands;
	enum rc rc;

	request->most = MOST_REFERENCES;
	request->buffer = RECORD_BUFFER;
	if ((rc = options_parse(WHAT, argc, argv, specs, &operands)) ||
	    (rc = operands_check(WHAT, &operands, 0, 0, "")))
		return rc;
	if (!request->cgroup)
		return report(RC_USAGE, WHAT, NULL, "say which cgroup to record",
			      "--cgroup is missing");
	if (!request->output || !*request->output)
		return report(RC_USAGE, WHAT, NULL, "say where to write the trace",
			      "--output is missing");
	if ((rc = read_name(name, request)))
		return rc;
	if (seconds)
		rc = trace_read_seconds(WHAT, "time to record", seconds, &request->seconds);
	if (!rc && most)
		rc = trace_read_number(WHAT, "number of references", most, UINT32_MAX,
				       &request->most);
	if (!rc && buffer)
		rc = read_buffer(buffer, request);
	return rc;
}

/* An hour's recording is not to fail in the end for want of a folder. *made: it was not there. */
static enum rc check_output(const char *path, bool *made)
{
	int file;

	*made = access(path, F_OK);
	file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (file < 0)
		return report(rc_of_errno(errno), WHAT, path, "choose another --output",
			      "cannot write the trace: %s", strerror(errno));
	close(file);
	return RC_OK;
}

static int take_event(void *context, void *data, size_t size)
{
	const struct record_event *event = data;
	struct recording *recording = context;
	uint32_t page;
	int err;

	if (recording->full || size < sizeof(*event))
		return 0;
	err = trace_pages_number(&recording->pages, event->mm, event->address, &page);
	if (!err)
		err = trace_add(&recording->trace, page, event->write);
	if (err) {
		recording->err = err;
		return err;
	}
	recording->first_touches += event->first_touch;
	recording->full = recording->trace.nr >= recording->most;
	return 0;
}

/* What cgroup.events says; a cgroup that is gone is empty. */
static bool is_populated(uint64_t cgroup_id)
{
	char *path = cgroup_path(cgroup_id), *file = NULL, key[32];
	unsigned int value, populated = 0;
	FILE *stream = NULL;

	if (path && asprintf(&file, "%s/cgroup.events", path) >= 0) {
		stream = fopen(file, "re");
		free(file);
	}
	free(path);
	if (!stream)
		return false;
	while (fscanf(stream, "%31s %u", key, &value) == 2) {
		if (!strcmp(key, "populated"))
			populated = value;
	}
	fclose(stream);
	return populated;
}

/* Every second for people, now and then for a log. */
static void show_progress(struct recording *recording)
{
	bool live = isatty(STDERR_FILENO);
	double now = trace_clock();

	if (now - recording->shown < (live ? 1 : 10))
		return;
	recording->shown = now;
	fprintf(stderr, "%s%.0f s: %zu references, %" PRIu32 " pages%s", live ? "\r" : "",
		now - recording->began, recording->trace.nr, recording->pages.nr,
		live ? " " : "\n");
}

static bool is_over(const struct request *request, struct recording *recording)
{
	if (trace_ended || recording->full)
		return true;
	if (request->seconds > 0 && trace_clock() - recording->began >= request->seconds)
		return true;
	/* One that nothing has run in yet is waited for. */
	recording->was_populated |= recording->trace.nr > 0;
	if (is_populated(request->cgroup_id)) {
		recording->was_populated = true;
		return false;
	}
	return recording->was_populated;
}

/* 0 or a negative errno; what is still in the buffer when it is over belongs to the trace. */
static int record(const struct request *request, struct trace_object *trace,
		  struct ring_buffer *ring, struct recording *recording)
{
	int err = 0;

	recording->began = trace_clock();
	recording->shown = recording->began;
	fprintf(stderr, "Recording %s; it ends with Ctrl-C, or when the cgroup is empty.\n",
		request->cgroup);
	while (err >= 0 && !is_over(request, recording)) {
		err = ring_buffer__poll(ring, LOOK_MS);
		/* It is not woken for a few. */
		if (!err || err == -EINTR)
			err = ring_buffer__consume(ring);
		show_progress(recording);
	}
	trace_object_stop(trace);
	if (err >= 0)
		err = ring_buffer__consume(ring);
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (recording->err)
		err = recording->err;
	return err < 0 ? err : 0;
}

static enum rc start(const struct request *request, struct trace_object *trace,
		     struct recording *recording, struct ring_buffer **ring)
{
	struct bpf_map *events, *recorded;
	uint32_t zero = 0;
	enum rc rc;
	int err;

	*ring = NULL;
	rc = trace_object_open(WHAT, "record", trace);
	if (rc)
		return rc;
	events = trace_object_map(trace, "events");
	recorded = trace_object_map(trace, "recorded_cgroup");
	err = events && recorded ? bpf_map__set_max_entries(events, (uint32_t)request->buffer) :
				   -ENOENT;
	if (err)
		return report(RC_FAILED, WHAT, "record.bpf.o",
			      "build 'mage' and its BPF objects together",
			      "does not have the maps of this program");
	rc = trace_object_load(WHAT, trace);
	if (rc)
		return rc;
	*ring = ring_buffer__new(bpf_map__fd(events), take_event, recording, NULL);
	err = *ring ? bpf_map__update_elem(recorded, &zero, sizeof(zero), &request->cgroup_id,
					   sizeof(request->cgroup_id), 0) :
		      -errno;
	if (err)
		return report(RC_FAILED, WHAT, request->cgroup, NULL,
			      "cannot set up the buffer: %s", strerror(-err));
	return trace_object_attach(WHAT, trace);
}

static void show_summary(const struct request *request, const struct recording *recording)
{
	uint64_t faults = recording->trace.nr - recording->first_touches;
	double seconds = trace_clock() - recording->began;
	struct json json;

	if (!request->json) {
		printf("%s: %zu references (%" PRIu64 " first touches, %" PRIu64
		       " faults) of %" PRIu32 " pages in %.1f s%s\n",
		       request->output, recording->trace.nr, recording->first_touches, faults,
		       recording->pages.nr, seconds,
		       recording->full ? "; ended by --max-references" : "");
		return;
	}
	json_start(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "output", request->output);
	json_string(&json, "name", request->name);
	json_u64(&json, "references", recording->trace.nr);
	json_u64(&json, "first_touches", recording->first_touches);
	json_u64(&json, "faults", faults);
	json_u64(&json, "pages", recording->pages.nr);
	json_double(&json, "seconds", seconds);
	json_bool(&json, "full", recording->full);
	json_close_object(&json);
	json_end(&json);
}

/* What was recorded is complete, or it is no trace. */
static enum rc finish(const struct request *request, const struct trace_object *trace,
		      struct recording *recording)
{
	uint64_t lost;
	int err = trace_object_lost(trace, &lost);

	if (err)
		return report(RC_FAILED, WHAT, request->cgroup, NULL,
			      "cannot tell whether anything was lost: %s", strerror(-err));
	if (lost)
		return report(RC_FAILED, WHAT, request->cgroup,
			      "nothing was written; try again with a larger --buffer",
			      "%" PRIu64 " of %" PRIu64 " references were lost", lost,
			      lost + recording->trace.nr);
	if (!recording->trace.nr)
		return report(RC_FAILED, WHAT, request->cgroup,
			      "nothing was written; is its limit below what it uses?",
			      "no page came in meanwhile");
	err = trace_pages_sort(&recording->pages, &recording->trace);
	if (!err) {
		memcpy(recording->trace.name, request->name, sizeof(request->name));
		err = trace_save(&recording->trace, request->output);
	}
	if (err)
		return report(rc_of_errno(-err), WHAT, request->output, NULL,
			      "cannot write the trace: %s", strerror(-err));
	show_summary(request, recording);
	return RC_OK;
}

static enum rc record_and_write(const struct request *request)
{
	struct recording recording = { .most = request->most };
	struct trace_object trace;
	struct ring_buffer *ring;
	enum rc rc;

	rc = start(request, &trace, &recording, &ring);
	if (!rc) {
		int err = record(request, &trace, ring, &recording);

		if (err)
			rc = report(rc_of_errno(-err), WHAT, request->cgroup, NULL,
				    "cannot record: %s", strerror(-err));
		else
			rc = finish(request, &trace, &recording);
	}
	ring_buffer__free(ring);
	trace_object_close(&trace);
	trace_pages_free(&recording.pages);
	trace_free(&recording.trace);
	return rc;
}

enum rc cmd_trace_record(int argc, char **argv)
{
	struct request request = { 0 };
	bool made;
	enum rc rc;

	if ((rc = read_request(argc, argv, &request)) ||
	    (rc = trace_find_domain(WHAT, request.cgroup, &request.cgroup_id)) ||
	    (rc = check_output(request.output, &made)))
		return rc;
	trace_catch_signals();
	rc = record_and_write(&request);
	if (rc && made)
		unlink(request.output);
	return rc;
}
