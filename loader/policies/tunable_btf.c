// SPDX-License-Identifier: GPL-2.0-only
/*
 * MAGE_TUNABLE() puts three declaration tags on a variable, "mage:range:1..512",
 * "mage:initial:8" and "mage:help:text".
 */
#include <stdio.h>
#include <string.h>

#include "policies/tunable_btf.h"

static const char range_tag[] = "mage:range:", help_tag[] = "mage:help:",
		  initial_tag[] = "mage:initial:", counter_tag[] = "mage:counter:";

static void read_tunable(const struct btf *btf, const struct data_section *section,
			 const struct btf_var_secinfo *place, const struct btf_type *variable,
			 void *to)
{
	const char *range = variable_tag(btf, place->type, range_tag);
	const char *help = variable_tag(btf, place->type, help_tag);
	const char *initial = variable_tag(btf, place->type, initial_tag);
	struct tunable tunable = { .at_load_only = section->at_load_only };
	struct tunables *tunables = to;

	if ((!range && !help) || variable_tag(btf, place->type, counter_tag) ||
	    tunables->nr == MOST_TUNABLES || !variable_number(btf, variable->type, &tunable) ||
	    !variable_load(btf, section, place, variable, &tunable))
		return;
	if (range)
		tunable_read_range(&tunable, range);
	if (initial)
		tunable_read_initial(&tunable, initial);
	snprintf(tunable.help, sizeof(tunable.help), "%s", help ? help : "");
	tunables->tunable[tunables->nr++] = tunable;
}

void tunables_of_section(const struct btf *btf, const struct data_section *section,
			 struct tunables *tunables)
{
	variables_of_section(btf, section, read_tunable, tunables);
}

struct tunable *tunable_find(struct tunables *tunables, const char *name)
{
	for (size_t i = 0; i < tunables->nr; i++) {
		if (!strcmp(tunables->tunable[i].name, name))
			return &tunables->tunable[i];
	}
	return NULL;
}
