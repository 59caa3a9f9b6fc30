// SPDX-License-Identifier: GPL-2.0-only
/*
 * MAGE_COUNTER() puts two declaration tags on a variable, "mage:counter:UNIT" and
 * "mage:help:text".
 */
#include <stdio.h>

#include "policies/counter.h"

static void read_counter(const struct btf *btf, const struct data_section *section,
			 const struct btf_var_secinfo *place, const struct btf_type *variable,
			 void *to)
{
	const char *unit = variable_tag(btf, place->type, "mage:counter:");
	const char *help = variable_tag(btf, place->type, "mage:help:");
	struct counters *counters = to;
	struct counter counter = { 0 };

	if (!unit || counters->nr == MOST_COUNTERS ||
	    !variable_number(btf, variable->type, &counter.number) ||
	    !variable_load(btf, section, place, variable, &counter.number))
		return;
	snprintf(counter.unit, sizeof(counter.unit), "%s", unit);
	snprintf(counter.number.help, sizeof(counter.number.help), "%s", help ? help : "");
	counters->counter[counters->nr++] = counter;
}

void counters_of_section(const struct btf *btf, const struct data_section *section,
			 struct counters *counters)
{
	variables_of_section(btf, section, read_counter, counters);
}
