/* SPDX-License-Identifier: GPL-2.0-only */
/* The tunables that a BPF object declares, from its type information. */
#ifndef MAGE_POLICIES_TUNABLE_BTF_H
#define MAGE_POLICIES_TUNABLE_BTF_H

#include "policies/variable_btf.h"

#define MOST_TUNABLES 64

struct tunables {
	size_t nr;
	struct tunable tunable[MOST_TUNABLES];
};

/* Adds the tunables of one section, with their values. */
void tunables_of_section(const struct btf *btf, const struct data_section *section,
			 struct tunables *tunables);

struct tunable *tunable_find(struct tunables *tunables, const char *name);

#endif
