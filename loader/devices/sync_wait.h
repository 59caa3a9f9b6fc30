/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting until legs of a far device are in sync. */
#ifndef MAGE_DEVICES_SYNC_WAIT_H
#define MAGE_DEVICES_SYNC_WAIT_H

#include "base/exit_codes.h"
#include "devices/sync_view.h"
#include "kernel/genl.h"

struct sync_wait {
	const char *what; /* the command, for messages */
	const char *on; /* the device, as it was typed */
	uint32_t index;
	struct sync_goal goal;
	double seconds; /* at most; 0 for as long as it takes */
	/* What to do then, for messages; NULL for what can be said of any. */
	const char *if_failed; /* a leg that is waited for */
	const char *if_interrupted; /* by a signal, or as the time is over */
};

/*
 * Waits, with a line of progress on a terminal; *device is how it is then.  Wakes up by the kernel's
 * events, and looks each second only where somebody sees it.  Reports if the goal cannot be reached
 * (RC_FAILED, RC_NOT_FOUND), is not in time (RC_TIMED_OUT), or a signal ends it (RC_FAILED).
 */
enum rc sync_wait(struct genl *genl, const struct sync_wait *wait, struct device *device);

#endif
