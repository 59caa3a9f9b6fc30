// SPDX-License-Identifier: GPL-2.0-only
/* "mage trace record": the pages that a cgroup misses, in order, as a file that can be replayed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <linux/types.h>

#include "base/arguments.h"
#include "base/error.h"
#include "base/options.h"
#include "base/parse.h"
#include "bpf/record.h"
#include "commands/trace_record.h"
#include "common/json.h"
#include "tracing/recording.h"
#include "tracing/request.h"

#define WHAT "trace record"

#define MOST_REFERENCES (1U << 24)
#define MOST_BUFFER (1ULL << 30)

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

static enum rc read_name(const char *typed, struct recording_request *request)
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

static enum rc read_buffer(const char *typed, struct recording_request *request)
{
	enum parse_result result = parse_size(typed, &request->buffer);

	if (result == PARSE_OK && request->buffer > MOST_BUFFER)
		result = PARSE_OVERFLOW;
	if (result == PARSE_OK)
		return RC_OK;
	return report(RC_USAGE, WHAT, typed, "give at most 1G", "the size of the buffer %s",
		      parse_result_text(result));
}

static enum rc read_request(int argc, char **argv, struct recording_request *request, bool *json)
{
	const char *seconds = NULL, *name = NULL, *most = NULL, *buffer = NULL;
	const struct option_spec specs[] = {
		{ "cgroup", .value = &request->cgroup },
		{ "output", .value = &request->output },
		{ "name", .value = &name },
		{ "seconds", .value = &seconds },
		{ "max-references", .value = &most },
		{ "buffer", .value = &buffer },
		{ "json", .flag = json },
		{ 0 },
	};
	enum rc rc;

	request->most = MOST_REFERENCES;
	request->buffer = RECORD_BUFFER;
	if ((rc = options_only(WHAT, argc, argv, specs)) ||
	    (rc = argument_needed(WHAT, "cgroup", request->cgroup, "say which cgroup to record")))
		return rc;
	if (!request->output || !*request->output)
		return report(RC_USAGE, WHAT, NULL, "say where to write the trace",
			      "--output is missing");
	if ((rc = read_name(name, request)))
		return rc;
	if (seconds)
		rc = argument_seconds(WHAT, "time to record", seconds,
				      "give seconds, as in 2 or 0.5", &request->seconds);
	if (!rc && most)
		rc = argument_number(WHAT, "number of references", most, UINT32_MAX,
				     &request->most);
	if (!rc && buffer)
		rc = read_buffer(buffer, request);
	return rc;
}

static void show_summary(const struct recording_request *request,
			 const struct recording_summary *summary, bool as_json)
{
	uint64_t faults = summary->references - summary->first_touches;
	struct json json;

	if (!as_json) {
		printf("%s: %" PRIu64 " references (%" PRIu64 " first touches, %" PRIu64
		       " faults) of %" PRIu32 " pages in %.1f s%s\n",
		       request->output, summary->references, summary->first_touches, faults,
		       summary->pages, summary->seconds,
		       summary->full ? "; ended by --max-references" : "");
		return;
	}
	json_start(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "output", request->output);
	json_string(&json, "name", request->name);
	json_u64(&json, "references", summary->references);
	json_u64(&json, "first_touches", summary->first_touches);
	json_u64(&json, "faults", faults);
	json_u64(&json, "pages", summary->pages);
	json_double(&json, "seconds", summary->seconds);
	json_bool(&json, "full", summary->full);
	json_close_object(&json);
	json_end(&json);
}

enum rc cmd_trace_record(int argc, char **argv)
{
	struct recording_request request = { .what = WHAT };
	struct recording_summary summary;
	bool json = false;
	enum rc rc;

	if ((rc = read_request(argc, argv, &request, &json)) ||
	    (rc = trace_find_domain(WHAT, request.cgroup, &request.cgroup_id)) ||
	    (rc = recording_make(&request, &summary)))
		return rc;
	show_summary(&request, &summary, json);
	return RC_OK;
}
