/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of CPUs as the kernel writes them: "0-3,8".  Pure functions. */
#ifndef MAGE_BASE_CPU_LIST_H
#define MAGE_BASE_CPU_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define MOST_CPUS 8192

struct cpu_list {
	bool has[MOST_CPUS];
};

/* False if it is no such list.  An empty text is an empty list. */
bool cpu_list_parse(const char *text, struct cpu_list *list);
void cpu_list_format(const struct cpu_list *list, char *text, size_t size);

unsigned int cpu_list_count(const struct cpu_list *list);
/* The first CPU of @list that is not in @of, or -1. */
int cpu_list_not_in(const struct cpu_list *list, const struct cpu_list *of);
/* Is there one that both have? */
bool cpu_list_overlap(const struct cpu_list *a, const struct cpu_list *b);

#endif
