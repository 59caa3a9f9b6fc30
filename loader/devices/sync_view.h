/* SPDX-License-Identifier: GPL-2.0-only */
/* How far legs are from being in sync.  Pure functions. */
#ifndef MAGE_DEVICES_SYNC_VIEW_H
#define MAGE_DEVICES_SYNC_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/state.h"

#define ANY UINT32_MAX

/* The legs that have to be in sync; ANY stands for all of them. */
struct sync_goal {
	uint32_t column;
	uint32_t leg;
	uint32_t but; /* not this leg; ANY: none is left out */
	bool past_failed; /* one that has failed is not waited for, if another one is there */
};

struct sync_view {
	size_t nr; /* of legs that count */
	size_t in_sync;
	uint64_t left; /* pages that are stale on them */
	uint64_t pages; /* of which that is a part */
	uint64_t copied;
	const struct leg *failed; /* one that will never be in sync, or NULL */
	const struct leg *suspended;
};

void sync_look(const struct device *device, const struct sync_goal *goal, struct sync_view *view);

/* All that have to be are in sync, and there is one at least. */
bool sync_reached(const struct sync_view *view);

/*
 * "mage0: 1200 of 50000 pages left, 3000 pages/s, 1 s to go", after @seconds in which @copied pages
 * were copied.
 */
void sync_progress(const char *name, const struct sync_view *view, uint64_t copied, double seconds,
		   char *text, size_t size);

#endif
