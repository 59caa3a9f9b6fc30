// SPDX-License-Identifier: GPL-2.0-only
/* "mage status" */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/error.h"
#include "base/options.h"
#include "base/parse.h"
#include "cgroups/cgroup.h"
#include "command.h"
#include "devices/render.h"
#include "domains/status_render.h"
#include "kernel/genl.h"

#define WHAT "status"

struct request {
	const char *cgroup; /* as typed, NULL for all */
	uint64_t cgroup_id; /* 0 for all */
	bool watch;
	double seconds;
	uint64_t count; /* of samples, 0 for no end */
	bool json;
};

static enum rc take(struct genl *genl, const struct request *request, struct sample *sample)
{
	int err = sample_take(genl, request->cgroup_id, sample);

	if (err)
		return genl_fail(genl, err, WHAT, request->cgroup, NULL);
	if (request->cgroup_id && !sample->nr_domains) {
		sample_free(sample);
		return report(RC_NOT_FOUND, WHAT, request->cgroup, "see 'mage policy list'",
			      "the cgroup is governed by no policy");
	}
	return RC_OK;
}

static enum rc show_once(struct genl *genl, const struct request *request)
{
	struct status_table table;
	struct sample sample;
	enum rc rc = take(genl, request, &sample);

	if (rc)
		return rc;
	if (request->json) {
		status_json(stdout, &sample, NULL);
	} else {
		status_table_start(&table, stdout, false);
		if (!sample.nr_domains)
			puts("No cgroup is governed; 'mage policy load' makes it so.");
		status_table_rows(&table, &sample, NULL);
		status_exits(stdout, &sample);
		putchar('\n');
		devices_table(stdout, sample.devices, sample.nr_devices);
	}
	sample_free(&sample);
	return RC_OK;
}

/* Sleeps until an absolute time, so that the intervals do not drift. */
static void sleep_until(struct timespec *next, double seconds)
{
	next->tv_sec += (time_t)seconds;
	next->tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (next->tv_nsec >= 1000000000) {
		next->tv_nsec -= 1000000000;
		next->tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL) == EINTR)
		;
}

static enum rc watch(struct genl *genl, const struct request *request)
{
	struct status_table table;
	struct sample before, now;
	struct timespec next;
	enum rc rc;

	clock_gettime(CLOCK_MONOTONIC, &next);
	rc = take(genl, request, &before);
	if (rc)
		return rc;
	status_table_start(&table, stdout, true);
	for (uint64_t shown = 0; !request->count || shown < request->count; shown++) {
		sleep_until(&next, request->seconds);
		rc = take(genl, request, &now);
		if (rc)
			break;
		if (request->json)
			status_json(stdout, &now, &before);
		else
			status_table_rows(&table, &now, &before);
		sample_free(&before);
		before = now;
		/* Nobody reads any more: a full disk, or SIGPIPE is ignored. */
		if (ferror(stdout))
			break;
	}
	sample_free(&before);
	return rc;
}

static enum rc read_interval(const char *text, struct request *request)
{
	enum parse_result result;

	request->seconds = 1;
	if (!text)
		return RC_OK;
	result = parse_seconds(text, &request->seconds);
	if (result == PARSE_OK)
		return RC_OK;
	return report(RC_USAGE, WHAT, text, "give seconds, as in --watch 2 or --watch=0.5",
		      "the interval %s", parse_result_text(result));
}

static enum rc read_request(int argc, char **argv, struct request *request)
{
	const char *interval = NULL, *count = NULL;
	const struct option_spec specs[] = {
		{ "cgroup", .value = &request->cgroup },
		{ "watch", .value = &interval, .flag = &request->watch },
		{ "count", .value = &count },
		{ "json", .flag = &request->json },
		{ 0 },
	};
	struct operands operands;
	enum parse_result result;
	enum rc rc;

	rc = options_parse(WHAT, argc, argv, specs, &operands);
	if (rc)
		return rc;
	/* "--watch 2" leaves the 2 as an operand. */
	if (request->watch && !interval && operands.nr) {
		interval = *operands.arg++;
		operands.nr--;
	}
	if ((rc = operands_check(WHAT, &operands, 0, 0, "")) ||
	    (rc = read_interval(interval, request)) || !count)
		return rc;
	if (!request->watch)
		return report(RC_USAGE, WHAT, "--count", "add --watch",
			      "means nothing without --watch");
	result = parse_number(count, UINT32_MAX, &request->count);
	if (result == PARSE_OK && !request->count)
		result = PARSE_ZERO;
	if (result != PARSE_OK)
		return report(RC_USAGE, WHAT, count, NULL, "the count %s",
			      parse_result_text(result));
	return RC_OK;
}

enum rc cmd_status(int argc, char **argv)
{
	struct request request = { 0 };
	struct genl *genl;
	enum rc rc;

	if ((rc = read_request(argc, argv, &request)) || (rc = genl_open(WHAT, &genl)))
		return rc;
	if (request.cgroup)
		rc = cgroup_find(WHAT, request.cgroup, &request.cgroup_id);
	if (!rc)
		rc = request.watch ? watch(genl, &request) : show_once(genl, &request);
	genl_close(genl);
	return rc;
}
