/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the pages on far devices that are to go fit elsewhere: from what there is to the question
 * of fit.h, and from its answer to words.  Only computes.
 */
#ifndef MAGE_DEVICES_FIT_SCENE_H
#define MAGE_DEVICES_FIT_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroups/tree.h"
#include "kernel/memory.h"
#include "kernel/state.h"

/* All that is looked at. */
struct fit_scene {
	struct domain *domains;
	size_t nr_domains;
	struct device *devices;
	size_t nr_devices;
	struct swap_areas areas;
	struct memory memory;
	struct cgroup_tree tree;
};

struct fit_report {
	bool fits;
	char why[400]; /* it does not, with the numbers */
	char todo[512];
};

/* Of @nr far devices, by index.  0 or -ENOMEM. */
int fit_scene_judge(const struct fit_scene *scene, const uint32_t *indexes, size_t nr,
		    struct fit_report *report);

#endif
