// SPDX-License-Identifier: GPL-2.0-only
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/signals.h"
#include "devices/leg.h"
#include "devices/named.h"
#include "devices/sync_wait.h"
#include "kernel/events.h"

/* Between two lines of progress, and what a rate is of, in seconds. */
#define SHOW_EVERY 1.0

struct progress {
	bool live; /* somebody sees it */
	double since; /* when the line was made */
	uint64_t copied; /* then */
	char line[160]; /* "" before the first one */
};

static void show(struct progress *progress, const char *name, const struct sync_view *view)
{
	double now = clock_seconds(), seconds = now - progress->since;
	uint64_t copied = view->copied > progress->copied ? view->copied - progress->copied : 0;

	if (!progress->live)
		return;
	if (!progress->line[0])
		seconds = 0;
	if (!progress->line[0] || seconds >= SHOW_EVERY) {
		sync_progress(name, view, copied, seconds, progress->line, sizeof(progress->line));
		progress->since = now;
		progress->copied = view->copied;
	}
	fprintf(stderr, "%s", progress->line);
}

/* So that what is printed next stands on a line of its own. */
static void hide(const struct progress *progress)
{
	if (progress->line[0])
		fprintf(stderr, "\r%*s\r", (int)strlen(progress->line), "");
}

/* Until an event, a signal, the next line of progress, or the end of the time. */
static void sleep_some(struct events *events, const struct progress *progress, double until,
		       const sigset_t *unblocked)
{
	struct pollfd fd = { .fd = events_fd(events), .events = POLLIN };
	double left = progress->live ? SHOW_EVERY : -1, now = clock_seconds();
	struct timespec some;

	if (until > 0 && (left < 0 || until - now < left))
		left = until > now ? until - now : 0;
	some.tv_sec = (time_t)left;
	some.tv_nsec = (long)((left - (double)some.tv_sec) * 1e9);
	/* What else can fail makes it look again. */
	if (ppoll(&fd, 1, left < 0 ? NULL : &some, unblocked) > 0)
		events_take(events);
}

/* Is it over, in one way or the other? */
static bool is_over(struct genl *genl, const struct sync_wait *wait, double until,
		    struct device *device, struct sync_view *view, enum rc *rc)
{
	char text[LEG_LINE_LEN], todo[LEG_LINE_LEN];

	*rc = device_find(wait->what, wait->on, genl, wait->index, device);
	if (*rc)
		return true;
	sync_look(device, &wait->goal, view);
	if (sync_reached(view))
		return true;
	if (!strcmp(device->state, "failed"))
		*rc = report(RC_FAILED, wait->what, wait->on, "see 'mage doctor'",
			     "the device has failed: %s", device->reason);
	else if (view->failed &&
		 leg_trouble(device, view->failed, text, sizeof(text), todo, sizeof(todo)))
		*rc = report(RC_FAILED, wait->what, wait->on,
			     wait->if_failed ? wait->if_failed : todo, "%s", text);
	else if (!view->nr)
		*rc = report(RC_NOT_FOUND, wait->what, wait->on, "see 'mage device list'",
			     "the leg is not there any more");
	else if (ended)
		*rc = report(RC_FAILED, wait->what, wait->on, wait->if_interrupted, "interrupted");
	else if (until > 0 && clock_seconds() >= until)
		*rc = report(RC_TIMED_OUT, wait->what, wait->on, wait->if_interrupted,
			     "not in sync after %g s: %llu of %llu pages are left%s", wait->seconds,
			     (unsigned long long)view->left, (unsigned long long)view->pages,
			     view->suspended ? ", and a leg does not answer" : "");
	return *rc;
}

/* With the signals blocked but while it sleeps, so that none comes between looking and that. */
static enum rc wait_for(struct genl *genl, const struct sync_wait *wait, struct events *events,
			const sigset_t *unblocked, struct device *device)
{
	struct progress progress = { .live = isatty(STDERR_FILENO) };
	double until = wait->seconds > 0 ? clock_seconds() + wait->seconds : 0;
	struct sync_view view;
	enum rc rc;

	while (!is_over(genl, wait, until, device, &view, &rc)) {
		show(&progress, device->name, &view);
		sleep_some(events, &progress, until, unblocked);
		hide(&progress);
	}
	return rc;
}

enum rc sync_wait(struct genl *genl, const struct sync_wait *wait, struct device *device)
{
	struct events *events;
	sigset_t before;
	enum rc rc;

	rc = events_open(wait->what, &events);
	if (rc)
		return rc;
	signals_block(&before);
	signals_catch();
	rc = wait_for(genl, wait, events, &before, device);
	sigprocmask(SIG_SETMASK, &before, NULL);
	events_close(events);
	return rc;
}
