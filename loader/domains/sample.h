/* SPDX-License-Identifier: GPL-2.0-only */
/* One reading of all that "mage status" shows, and what changed between two. */
#ifndef MAGE_DOMAINS_SAMPLE_H
#define MAGE_DOMAINS_SAMPLE_H

#include <time.h>

#include "domains/limit_notes.h"
#include "domains/pin.h"
#include "kernel/state.h"

struct sample_domain {
	struct domain domain;
	char *path; /* NULL if the cgroup is gone or out of view */
	size_t mount_len; /* how much of it is the mount point's */
	int64_t direct_reclaim; /* pages that its threads scanned themselves; -1: unknown */
	enum pin_state pin;
	struct limit_notes *limits; /* NULL unless they were looked at */
};

struct sample {
	struct timespec when; /* of the wall clock */
	struct timespec steady; /* of a clock that nobody sets */
	struct sample_domain *domains;
	size_t nr_domains;
	struct device *devices;
	size_t nr_devices;
};

/* What happened to a domain in an interval, or since it began. */
struct activity {
	double seconds; /* 0: since it began */
	uint64_t faults;
	uint64_t evictions;
	uint64_t rescues;
	uint64_t waits;
	uint64_t fallbacks;
	uint64_t refaults;
	uint64_t calls; /* of callbacks of the policy */
	uint64_t call_ns; /* that they took, 0 if it is not measured */
	uint64_t picks;
	uint64_t refused; /* picks that were */
	int64_t direct_reclaim; /* -1: unknown */
	struct histogram latency;
};

void sample_free(struct sample *sample);

/* The domain in an earlier sample, or NULL; @before may be NULL. */
const struct sample_domain *sample_find(const struct sample *before, uint64_t cgroup_id);

/* Between two samples; with @before NULL since the beginning. */
double sample_seconds(const struct sample *now, const struct sample *before);
struct activity activity_since(const struct sample_domain *now, const struct sample_domain *before,
			       double seconds);

/* The path to show, below the mount point; "(gone)" if there is none. */
const char *sample_path(const struct sample_domain *domain);

#endif
