/* SPDX-License-Identifier: GPL-2.0-only */
/* Which legs of a far device are those that somebody wants.  Pure functions. */
#ifndef MAGE_CONFIGURATION_LEG_MATCH_H
#define MAGE_CONFIGURATION_LEG_MATCH_H

#include "kernel/state.h"

struct leg_match {
	size_t nr; /* that are both wanted and there */
	bool there[MAGE_LEGS_MAX]; /* the leg of the request is */
	bool wanted[MAGE_LEGS_MAX]; /* the leg of the device is */
	size_t lacks[MAGE_LEGS_MAX]; /* how many legs the column has too few, whichever they are */
};

/* Legs are known by what they stand on, and by their columns; emulated ones are all alike. */
void leg_match(const struct connect_request *request, const struct device *device,
	       struct leg_match *match);

/* Is it the device that is wanted, even if legs of it have come or gone? */
bool device_is_wanted(const struct connect_request *request, const struct device *device);

#endif
