// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "devices/leg.h"
#include "devices/sync_view.h"

void sync_look(const struct device *device, const struct sync_goal *goal, struct sync_view *view)
{
	memset(view, 0, sizeof(*view));
	for (size_t i = 0; i < device->nr_legs; i++) {
		const struct leg *leg = &device->legs[i];

		if ((goal->column != ANY && leg->column != goal->column) ||
		    (goal->leg != ANY && leg->number != goal->leg) || leg->number == goal->but)
			continue;
		if (leg_failed(leg)) {
			view->failed = leg;
			if (goal->past_failed)
				continue;
		}
		view->nr++;
		view->in_sync += leg_in_sync(leg);
		view->left += leg->stale;
		view->pages += leg->pages;
		view->copied += leg->copied;
		if (leg_suspended(leg))
			view->suspended = leg;
	}
	if (goal->past_failed && view->nr)
		view->failed = NULL;
}

bool sync_reached(const struct sync_view *view)
{
	return view->nr && view->in_sync == view->nr;
}

void sync_progress(const char *name, const struct sync_view *view, uint64_t copied, double seconds,
		   char *text, size_t size)
{
	double rate = seconds > 0 ? (double)copied / seconds : 0;
	char rest[64] = "";

	if (view->suspended)
		snprintf(rest, sizeof(rest), ", leg %u does not answer", view->suspended->number);
	else if (rate > 0)
		snprintf(rest, sizeof(rest), ", %.0f s to go", (double)view->left / rate);
	snprintf(text, size, "%s: %" PRIu64 " of %" PRIu64 " pages left, %.0f pages/s%s", name,
		 view->left, view->pages, rate, rest);
}
