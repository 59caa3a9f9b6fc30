// SPDX-License-Identifier: GPL-2.0-only
/* "mage run": one command with far memory, and nothing left of it afterwards. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/arguments.h"
#include "base/error.h"
#include "base/options.h"
#include "commands/run.h"
#include "domains/evictable.h"
#include "domains/run_cgroup.h"
#include "domains/run_child.h"
#include "policies/attach.h"
#include "policies/find.h"

#define WHAT "run"

/* As env(1), timeout(1) and shells have it. */
enum {
	MAGE_ITSELF_FAILED = 125,
	CANNOT_EXECUTE = 126,
	COMMAND_NOT_FOUND = 127,
};

struct request {
	uint64_t local; /* bytes */
	bool force;
	struct policy_choice choice;
	char **command;
};

static enum rc read_request(int argc, char **argv, struct request *request)
{
	const char *local = NULL;
	const struct option_spec specs[] = {
		{ "local", .value = &local },
		{ "policy", .value = &request->choice.file },
		{ "name", .value = &request->choice.name },
		{ "set", .list = &request->choice.settings },
		{ "force", .flag = &request->force },
		{ 0 },
	};
	struct operands operands;
	enum rc rc;

	request->choice.file = BUILTIN_POLICY;
	if ((rc = options_parse_command(WHAT, argc, argv, specs, &operands)) ||
	    (rc = argument_needed(WHAT, "local", local,
				  "say how much memory stays local, as in --local 1G")) ||
	    (rc = argument_pages(WHAT, "size of local memory", local,
				 "give whole pages, as in 512M, 1G or 64KiB", &request->local)))
		return rc;
	rc = operands_check(WHAT, &operands, 1, INT_MAX, "the COMMAND");
	request->command = operands.arg;
	return rc;
}

static int start_failed(const char *command, int err)
{
	report(RC_FAILED, WHAT, command, NULL, "cannot be started: %s", strerror(err));
	return err == ENOENT ? COMMAND_NOT_FOUND : CANNOT_EXECUTE;
}

static int run_command(const struct request *request, struct run_child *child, const char *cgroup)
{
	int status = run_child_pending(), err;

	if (status)
		return 128 + status;
	err = run_child_start(child, cgroup, request->command);
	if (err)
		return start_failed(request->command[0], err);
	status = run_child_wait(child);
	/* What it left in the background goes with it. */
	run_cgroup_empty(WHAT, cgroup);
	return status;
}

static int govern_and_run(const struct request *request, struct run_child *child,
			  const char *cgroup)
{
	int status = MAGE_ITSELF_FAILED;
	struct policy_outcome outcome;
	struct governed governed;

	if (!governed_open(WHAT, cgroup, &governed) &&
	    !policy_attach(&governed, &request->choice, &outcome)) {
		outcome_notes(stderr, cgroup, &outcome);
		governed_close(&governed);
		status = run_command(request, child, cgroup);
		/* Looked up again: somebody may have swapped the policy, or it was ejected. */
		if (!governed_open(WHAT, cgroup, &governed))
			policy_detach(&governed);
	}
	governed_close(&governed);
	return status;
}

/* Whether there is Mage, and something to evict to, comes before anything is made. */
static enum rc look_first(const struct request *request)
{
	char parent[PATH_MAX];
	struct genl *genl;
	enum rc rc;

	rc = genl_open(WHAT, &genl);
	if (rc)
		return rc;
	run_cgroup_parent(parent, sizeof(parent));
	if (!request->force)
		rc = evictable_check(WHAT, NULL, genl, parent);
	genl_close(genl);
	return rc;
}

enum rc cmd_run(int argc, char **argv)
{
	struct request request = { 0 };
	int status = MAGE_ITSELF_FAILED;
	struct run_child child;
	char cgroup[PATH_MAX];

	if (read_request(argc, argv, &request) || look_first(&request))
		return (enum rc)MAGE_ITSELF_FAILED;
	run_child_hold_signals(&child);
	if (!run_cgroup_make(WHAT, request.local, cgroup, sizeof(cgroup))) {
		status = govern_and_run(&request, &child, cgroup);
		run_cgroup_remove(WHAT, cgroup);
	}
	return (enum rc)status;
}
