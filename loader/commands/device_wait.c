// SPDX-License-Identifier: GPL-2.0-only
#include "base/arguments.h"
#include "base/error.h"
#include "base/options.h"
#include "commands/device_wait.h"
#include "devices/leg.h"
#include "devices/named.h"
#include "devices/sync_wait.h"

#define WHAT "device wait"

static enum rc wait_in_sync(struct genl *genl, const struct sync_wait *wait)
{
	char text[LEG_LINE_LEN], todo[LEG_LINE_LEN];
	struct device device;
	enum rc rc;

	rc = device_find(WHAT, wait->on, genl, wait->index, &device);
	if (!rc && !device_has_legs(&device))
		return device_without_legs(WHAT, wait->on);
	if (!rc)
		rc = sync_wait(genl, wait, &device);
	/* Nothing would come of waiting for that. */
	if (!rc && leg_missing(&device, text, sizeof(text), todo, sizeof(todo)))
		rc = report(RC_FAILED, WHAT, wait->on, todo, "%s", text);
	return rc;
}

enum rc cmd_device_wait(int argc, char **argv)
{
	struct sync_wait wait = {
		.what = WHAT,
		.goal = { .column = ANY, .leg = ANY, .but = ANY },
	};
	const char *timeout = NULL;
	bool in_sync = false;
	const struct option_spec specs[] = {
		{ "in-sync", .flag = &in_sync },
		{ "timeout", .value = &timeout },
		{ 0 },
	};
	struct operands operands;
	struct genl *genl;
	enum rc rc;

	if ((rc = options_parse(WHAT, argc, argv, specs, &operands)) ||
	    (rc = operands_check(WHAT, &operands, 1, 1, "the device's name")))
		return rc;
	wait.on = operands.arg[0];
	if ((rc = device_number(WHAT, wait.on, &wait.index)) ||
	    (timeout && (rc = argument_seconds(WHAT, "timeout", timeout,
					       "give seconds, as in 30 or 0.5", &wait.seconds))))
		return rc;
	if (!in_sync)
		return report(RC_USAGE, WHAT, NULL, "add --in-sync", "it is not said for what");
	rc = genl_open(WHAT, &genl);
	if (rc)
		return rc;
	rc = wait_in_sync(genl, &wait);
	genl_close(genl);
	return rc;
}
