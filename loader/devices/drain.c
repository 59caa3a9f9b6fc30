// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "devices/drain.h"
#include "devices/fit_look.h"
#include "kernel/memory.h"

/* Between two looks, in ms; and looking may take a part of the time only. */
#define LOOK_EVERY 100
#define LOOK_PART 10

/* A process that does nothing but swapoff(), and writes the errno value to *result. */
static pid_t start_swapoff(const char *path, int *result)
{
	int ends[2], err;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		/* Whoever ends mage ends this, too. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		err = swapoff(path) ? errno : 0;
		_exit(write(ends[1], &err, sizeof(err)) != sizeof(err));
	}
	close(ends[1]);
	*result = ends[0];
	if (pid < 0)
		close(ends[0]);
	return pid;
}

/* Until it has ended, or the pages do not fit any more; then it is killed. */
static void watch(pid_t pid, int result, struct genl *genl, uint32_t index, struct fit_report *fit)
{
	struct pollfd end = { .fd = result, .events = POLLIN };
	int timeout = LOOK_EVERY;

	for (;;) {
		double began;
		int ready = poll(&end, 1, timeout);

		if (ready > 0 || (ready < 0 && errno != EINTR))
			return;
		began = clock_seconds();
		if (!fit_look(genl, &index, 1, fit) && !fit->fits) {
			/*
			 * The kernel first brings back what it has begun with, the pages of one
			 * process; but whoever is about to die has nobody killed where a limit
			 * is met, but fails.
			 */
			kill(pid, SIGKILL);
			return;
		}
		timeout = (int)((clock_seconds() - began) * 1000 * LOOK_PART);
		if (timeout < LOOK_EVERY)
			timeout = LOOK_EVERY;
	}
}

/* 0, an errno value, or -1 if it was killed. */
static int end_swapoff(pid_t pid, int result)
{
	int err;

	if (read(result, &err, sizeof(err)) != sizeof(err))
		err = -1;
	close(result);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err;
}

static bool is_swap(const char *path)
{
	struct swap_areas areas;

	swap_areas_read(&areas);
	for (size_t i = 0; i < areas.nr; i++) {
		if (!strcmp(areas.area[i].path, path))
			return true;
	}
	return false;
}

static enum rc swapoff_failed(const char *what, const char *path, int err)
{
	if (err == ENOMEM)
		return report(RC_FAILED, what, path, "raise memory limits or end what uses it",
			      "swapoff: %s", strerror(err));
	if (err == EINVAL)
		return report(RC_FAILED, what, path, "see 'mage device list'",
			      "swapoff: it is no swap any more");
	return report(rc_of_errno(err), what, path, NULL, "swapoff: %s", strerror(err));
}

enum rc device_drain(const char *what, struct genl *genl, const struct device *device)
{
	struct fit_report fit = { .fits = true };
	char path[MAGE_NAME_LEN + 8];
	int err, result;
	pid_t pid;
	enum rc rc;

	snprintf(path, sizeof(path), "/dev/%s", device->name);
	/* It would wait for its pages, and keep other swap areas from being switched. */
	if (!strcmp(device->state, "suspended"))
		return report(RC_EXISTS, what, path,
			      "wait until it is back or has failed; see 'mage device list'",
			      "its memory node does not answer: %s", device->reason);
	rc = fit_check(what, path, genl, &device->index, 1);
	if (rc)
		return rc;
	pid = start_swapoff(path, &result);
	if (pid < 0)
		return report(RC_FAILED, what, path, NULL, "cannot start a process for swapoff: %s",
			      strerror(errno));
	watch(pid, result, genl, device->index, &fit);
	err = end_swapoff(pid, result);
	if (err > 0)
		return swapoff_failed(what, path, err);
	/* It may have done all of it before it was killed. */
	if (!err || !is_swap(path))
		return RC_OK;
	if (!fit.fits)
		return report(RC_EXISTS, what, path, fit.todo, "given up, it stays swap: %s",
			      fit.why);
	return report(RC_FAILED, what, path, "end what uses memory, or add other swap",
		      "swapoff was killed, as the machine's memory ran out or by somebody");
}
