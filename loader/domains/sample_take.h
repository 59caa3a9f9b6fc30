/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking a sample: the kernel is asked, and cgroups are looked up. */
#ifndef MAGE_DOMAINS_SAMPLE_TAKE_H
#define MAGE_DOMAINS_SAMPLE_TAKE_H

#include "domains/sample.h"
#include "kernel/genl.h"

/*
 * Reads everything, or only the domain of @cgroup_id if that is not 0; sample_free() when done.
 * 0 or a negative errno, and then there is nothing to be freed.
 */
int sample_take(struct genl *genl, uint64_t cgroup_id, struct sample *sample);

/* Adds what comes of the limits above and below each domain: reads all cgroups.  The same. */
int sample_take_limits(struct sample *sample);

#endif
