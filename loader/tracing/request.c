// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/parse.h"
#include "cgroups/cgroup.h"
#include "kernel/genl.h"
#include "tracing/request.h"

volatile sig_atomic_t trace_ended;

static void end(int number)
{
	(void)number;
	trace_ended = 1;
}

/* Without SA_RESTART: who waits is to wake up. */
void trace_catch_signals(void)
{
	const struct sigaction action = { .sa_handler = end };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static enum rc check_domain(const char *what, struct genl *genl, const char *typed, uint64_t id)
{
	struct domain *domains;
	bool governed = false;
	size_t nr;
	int err;

	err = genl_domains(genl, &domains, &nr);
	if (err)
		return genl_fail(genl, err, what, typed, NULL);
	for (size_t i = 0; i < nr && !governed; i++)
		governed = domains[i].cgroup_id == id;
	free(domains);
	if (governed)
		return RC_OK;
	return report(RC_NOT_FOUND, what, typed,
		      "put it under one with 'mage policy load', or see 'mage policy list'",
		      "the cgroup is governed by no policy");
}

enum rc trace_find_domain(const char *what, const char *typed, uint64_t *id)
{
	struct genl *genl;
	enum rc rc = genl_open(what, &genl);

	*id = 0;
	if (rc)
		return rc;
	if (typed) {
		rc = cgroup_find(what, typed, id);
		if (!rc)
			rc = check_domain(what, genl, typed, *id);
	}
	genl_close(genl);
	return rc;
}

enum rc trace_read_seconds(const char *what, const char *name, const char *typed, double *seconds)
{
	enum parse_result result = parse_seconds(typed, seconds);

	if (result == PARSE_OK)
		return RC_OK;
	return report(RC_USAGE, what, typed, "give seconds, as in 2 or 0.5", "the %s %s", name,
		      parse_result_text(result));
}

enum rc trace_read_number(const char *what, const char *name, const char *typed, uint64_t max,
			  uint64_t *number)
{
	enum parse_result result = parse_number(typed, max, number);

	if (result == PARSE_OK && !*number)
		result = PARSE_ZERO;
	if (result == PARSE_OK)
		return RC_OK;
	return report(RC_USAGE, what, typed, NULL, "the %s %s", name, parse_result_text(result));
}

double trace_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
