/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy that governs: its callbacks, tunables and counters, as the kernel has them. */
#ifndef MAGE_POLICIES_LIVE_H
#define MAGE_POLICIES_LIVE_H

#include <stdint.h>

#include "domains/governed.h"
#include "policies/counter.h"
#include "policies/tunable_btf.h"

#define MOST_CALLBACKS 32
#define MOST_LIVE_MAPS 16

struct policy_live {
	size_t nr_callbacks;
	char callback[MOST_CALLBACKS][TUNABLE_NAME_LEN];
	size_t nr_maps;
	int map_fd[MOST_LIVE_MAPS];
	uint32_t map_size[MOST_LIVE_MAPS];
	struct tunables tunables;
	struct counters counters;
};

/*
 * Looks at the policy that a link has attached; 0 or a negative errno.
 * policy_live_close() is right in either case.
 */
int policy_live_open(uint32_t link_id, struct policy_live *live);
/* The same for the policy that governs a cgroup; reports a failure. */
enum rc policy_live_look(const struct governed *governed, struct policy_live *live);
void policy_live_close(struct policy_live *live);

/* Sets a tunable in one store, beside which the policy's own stores stay.  0 or -errno. */
int policy_live_set(const struct policy_live *live, const struct tunable *tunable, int64_t value);

#endif
