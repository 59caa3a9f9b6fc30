// SPDX-License-Identifier: GPL-2.0-only
/* "mage status" */
#include <stdio.h>

#include "base/arguments.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "cgroups/cgroup.h"
#include "commands/status.h"
#include "devices/render.h"
#include "domains/sample_take.h"
#include "domains/status_json.h"
#include "domains/status_table.h"
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
	/* Limits hardly change, and take all cgroups to be read: once is enough. */
	if (!request->watch && sample_take_limits(sample))
		return report(RC_FAILED, WHAT, NULL, NULL, "out of memory");
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
		status_limits(stdout, &sample);
		putchar('\n');
		devices_table(stdout, sample.devices, sample.nr_devices);
	}
	sample_free(&sample);
	return RC_OK;
}

static enum rc watch(struct genl *genl, const struct request *request)
{
	struct status_table table;
	struct sample before, now;
	double next = clock_seconds();
	enum rc rc;

	rc = take(genl, request, &before);
	if (rc)
		return rc;
	status_table_start(&table, stdout, true);
	for (uint64_t shown = 0; !request->count || shown < request->count; shown++) {
		/* The intervals do not drift. */
		next += request->seconds;
		clock_wait(next);
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
	enum rc rc;

	request->seconds = 1;
	rc = options_parse(WHAT, argc, argv, specs, &operands);
	if (rc)
		return rc;
	/* "--watch 2" leaves the 2 as an operand. */
	if (request->watch && !interval && operands.nr) {
		interval = *operands.arg++;
		operands.nr--;
	}
	rc = operands_check(WHAT, &operands, 0, 0, "");
	if (!rc && interval)
		rc = argument_seconds(WHAT, "interval", interval,
				      "give seconds, as in --watch 2 or --watch=0.5",
				      &request->seconds);
	if (rc || !count)
		return rc;
	if (!request->watch)
		return report(RC_USAGE, WHAT, "--count", "add --watch",
			      "means nothing without --watch");
	return argument_number(WHAT, "count", count, UINT32_MAX, &request->count);
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
