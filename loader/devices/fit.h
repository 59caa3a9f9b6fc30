/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the pages of swap that is to go fit elsewhere: into memory, within the limits of all
 * cgroups, and into other swap.  Only computes.
 */
#ifndef MAGE_DEVICES_FIT_H
#define MAGE_DEVICES_FIT_H

#include <stddef.h>
#include <stdint.h>

/* In bytes; each counts what is below it, and comes after the one above it. */
struct fit_group {
	size_t parent; /* its index, or NO_PARENT */
	uint64_t limit; /* of local memory, NO_LIMIT for none */
	uint64_t held; /* in memory for as long as there is no swap for it */
	uint64_t swapped; /* in swap only */
	uint64_t swap_current; /* in swap, and perhaps in memory as well */
	uint64_t swap_max; /* what may be there, NO_LIMIT for any */
};

struct fit_question {
	const struct fit_group *group;
	size_t nr;
	uint64_t coming; /* only in the swap that is to go */
	uint64_t elsewhere; /* free in other swap */
	uint64_t available; /* memory that is free, or that is made free without swap */
	uint64_t total; /* all memory there is */
};

enum fit_verdict {
	FIT_YES,
	FIT_NOT_IN_GROUP,
	FIT_NOT_IN_MEMORY,
};

struct fit_answer {
	enum fit_verdict verdict;
	size_t group; /* the worst one, if it is a group */
	uint64_t lacks; /* how much does not fit */
};

/*
 * Some of each limit, and of all memory, is taken for full: what runs goes on meanwhile.
 * Where the areas of swap that a group's pages are in is not known, the worst is taken.
 * 0 or -ENOMEM.
 */
int fit_judge(const struct fit_question *question, struct fit_answer *answer);

#endif
