/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters that a policy declares by MAGE_COUNTER() of bpf/mage.bpf.h. */
#ifndef MAGE_POLICIES_COUNTER_H
#define MAGE_POLICIES_COUNTER_H

#include "policies/variable_btf.h"

#define MOST_COUNTERS 64

struct counter {
	struct tunable number; /* its name, value and meaning; no range */
	char unit[32];
};

struct counters {
	size_t nr;
	struct counter counter[MOST_COUNTERS];
};

/* Adds the counters of one section, with their values. */
void counters_of_section(const struct btf *btf, const struct data_section *section,
			 struct counters *counters);

#endif
