// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu_list.h"

static bool read_cpu(const char **text, unsigned long *cpu)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	*cpu = strtoul(*text, &end, 10);
	*text = end;
	return *cpu < MOST_CPUS;
}

bool cpu_list_parse(const char *text, struct cpu_list *list)
{
	unsigned long first, last;

	memset(list, 0, sizeof(*list));
	while (*text) {
		if (!read_cpu(&text, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!read_cpu(&text, &last) || last < first)
				return false;
		}
		for (unsigned long cpu = first; cpu <= last; cpu++)
			list->has[cpu] = true;
		if (!*text)
			return true;
		if (*text++ != ',' || !*text)
			return false;
	}
	return true;
}

void cpu_list_format(const struct cpu_list *list, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int first = 0; first < MOST_CPUS && used < size; first++) {
		unsigned int last = first;

		if (!list->has[first])
			continue;
		while (last + 1 < MOST_CPUS && list->has[last + 1])
			last++;
		used += (size_t)snprintf(text + used, size - used, "%s%u", used ? "," : "", first);
		if (last > first && used < size)
			used += (size_t)snprintf(text + used, size - used, "-%u", last);
		first = last;
	}
}

unsigned int cpu_list_count(const struct cpu_list *list)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < MOST_CPUS; i++)
		nr += list->has[i];
	return nr;
}

int cpu_list_not_in(const struct cpu_list *list, const struct cpu_list *of)
{
	for (int i = 0; i < MOST_CPUS; i++) {
		if (list->has[i] && !of->has[i])
			return i;
	}
	return -1;
}

bool cpu_list_overlap(const struct cpu_list *a, const struct cpu_list *b)
{
	for (size_t i = 0; i < MOST_CPUS; i++) {
		if (a->has[i] && b->has[i])
			return true;
	}
	return false;
}
