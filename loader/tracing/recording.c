// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/signals.h"
#include "bpf/record.h"
#include "cgroups/path.h"
#include "tracing/object.h"
#include "tracing/pages.h"
#include "tracing/recording.h"

#define LOOK_MS 100

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

/* An hour's recording is not to fail in the end for want of a folder. *made: it was not there. */
static enum rc check_output(const char *what, const char *path, bool *made)
{
	int file;

	*made = access(path, F_OK);
	file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (file < 0)
		return report(rc_of_errno(errno), what, path, "choose another --output",
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
	double now = clock_seconds();

	if (now - recording->shown < (live ? 1 : 10))
		return;
	recording->shown = now;
	fprintf(stderr, "%s%.0f s: %zu references, %" PRIu32 " pages%s", live ? "\r" : "",
		now - recording->began, recording->trace.nr, recording->pages.nr,
		live ? " " : "\n");
}

static bool is_over(const struct recording_request *request, struct recording *recording)
{
	if (ended || recording->full)
		return true;
	if (request->seconds > 0 && clock_seconds() - recording->began >= request->seconds)
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
static int record(const struct recording_request *request, struct trace_object *trace,
		  struct ring_buffer *ring, struct recording *recording)
{
	int err = 0;

	recording->began = clock_seconds();
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

static enum rc start(const struct recording_request *request, struct trace_object *trace,
		     struct recording *recording, struct ring_buffer **ring)
{
	struct bpf_map *events, *recorded;
	uint32_t zero = 0;
	enum rc rc;
	int err;

	*ring = NULL;
	rc = trace_object_open(request->what, "record", trace);
	if (rc)
		return rc;
	events = trace_object_map(trace, "events");
	recorded = trace_object_map(trace, "recorded_cgroup");
	err = events && recorded ? bpf_map__set_max_entries(events, (uint32_t)request->buffer) :
				   -ENOENT;
	if (err)
		return report(RC_FAILED, request->what, "record.bpf.o",
			      "build 'mage' and its BPF objects together",
			      "does not have the maps of this program");
	rc = trace_object_load(request->what, trace);
	if (rc)
		return rc;
	*ring = ring_buffer__new(bpf_map__fd(events), take_event, recording, NULL);
	err = *ring ? bpf_map__update_elem(recorded, &zero, sizeof(zero), &request->cgroup_id,
					   sizeof(request->cgroup_id), 0) :
		      -errno;
	if (err)
		return report(RC_FAILED, request->what, request->cgroup, NULL,
			      "cannot set up the buffer: %s", strerror(-err));
	return trace_object_attach(request->what, trace);
}

/* What was recorded is complete, or it is no trace. */
static enum rc finish(const struct recording_request *request, const struct trace_object *trace,
		      struct recording *recording, struct recording_summary *summary)
{
	uint64_t lost;
	int err = trace_object_lost(trace, &lost);

	if (err)
		return report(RC_FAILED, request->what, request->cgroup, NULL,
			      "cannot tell whether anything was lost: %s", strerror(-err));
	if (lost)
		return report(RC_FAILED, request->what, request->cgroup,
			      "nothing was written; try again with a larger --buffer",
			      "%" PRIu64 " of %" PRIu64 " references were lost", lost,
			      lost + recording->trace.nr);
	if (!recording->trace.nr)
		return report(RC_FAILED, request->what, request->cgroup,
			      "nothing was written; is its limit below what it uses?",
			      "no page came in meanwhile");
	err = trace_pages_sort(&recording->pages, &recording->trace);
	if (!err) {
		memcpy(recording->trace.name, request->name, sizeof(request->name));
		err = trace_save(&recording->trace, request->output);
	}
	if (err)
		return report(rc_of_errno(-err), request->what, request->output, NULL,
			      "cannot write the trace: %s", strerror(-err));
	summary->references = recording->trace.nr;
	summary->first_touches = recording->first_touches;
	summary->pages = recording->pages.nr;
	summary->seconds = clock_seconds() - recording->began;
	summary->full = recording->full;
	return RC_OK;
}

static enum rc record_and_write(const struct recording_request *request,
				struct recording_summary *summary)
{
	struct recording recording = { .most = request->most };
	struct trace_object trace;
	struct ring_buffer *ring;
	enum rc rc;

	rc = start(request, &trace, &recording, &ring);
	if (!rc) {
		int err = record(request, &trace, ring, &recording);

		if (err)
			rc = report(rc_of_errno(-err), request->what, request->cgroup, NULL,
				    "cannot record: %s", strerror(-err));
		else
			rc = finish(request, &trace, &recording, summary);
	}
	ring_buffer__free(ring);
	trace_object_close(&trace);
	trace_pages_free(&recording.pages);
	trace_free(&recording.trace);
	return rc;
}

enum rc recording_make(const struct recording_request *request, struct recording_summary *summary)
{
	bool made;
	enum rc rc;

	rc = check_output(request->what, request->output, &made);
	if (rc)
		return rc;
	signals_catch();
	rc = record_and_write(request, summary);
	if (rc && made)
		unlink(request->output);
	return rc;
}
