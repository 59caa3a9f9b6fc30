// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "cgroups/tree.h"
#include "devices/fit.h"
#include "kernel/state.h"

#define RESERVE_OF_LIMIT 32
#define RESERVE_OF_MEMORY 64

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t beyond(uint64_t amount, uint64_t limit)
{
	return amount > limit ? amount - limit : 0;
}

/* Of what comes back to the group, how much goes out again as it does not fit. */
static uint64_t goes_out(const struct fit_group *group, uint64_t coming)
{
	uint64_t limit;

	if (group->limit == NO_LIMIT)
		return 0;
	limit = group->limit - group->limit / RESERVE_OF_LIMIT;
	return smaller(beyond(group->held + group->swapped, limit),
		       smaller(group->swapped, coming));
}

/* How much of that may not, as memory.swap.max was lowered to less than is in swap already. */
static uint64_t must_stay(const struct fit_question *question, size_t i, uint64_t out)
{
	uint64_t most = 0;

	for (; i != NO_PARENT; i = question->group[i].parent) {
		const struct fit_group *group = &question->group[i];
		uint64_t too_much = beyond(group->swap_current, group->swap_max);

		if (most < too_much)
			most = too_much;
	}
	return smaller(most, out);
}

/* Of the groups, which asks most of other swap, and all that they ask of it. */
static int judge_groups(const struct fit_question *question, struct fit_answer *answer,
			uint64_t *all_out)
{
	uint64_t *below = calloc(question->nr + 1, sizeof(*below)), most = 0, stays = 0;

	if (!below)
		return -ENOMEM;
	*all_out = 0;
	for (size_t i = question->nr; i--;) {
		const struct fit_group *group = &question->group[i];
		uint64_t own = goes_out(group, question->coming);
		uint64_t stay = must_stay(question, i, own);
		uint64_t out = own > below[i] ? own : smaller(below[i], question->coming);

		if (group->parent == NO_PARENT)
			*all_out += out;
		else
			below[group->parent] += out;
		if (own && (stay > stays || (!stays && own >= most)))
			answer->group = i;
		if (own > most)
			most = own;
		if (stay > stays)
			stays = stay;
	}
	free(below);
	*all_out = smaller(*all_out, question->coming);
	answer->lacks = beyond(*all_out, question->elsewhere);
	if (answer->lacks < stays)
		answer->lacks = stays;
	return 0;
}

int fit_judge(const struct fit_question *question, struct fit_answer *answer)
{
	uint64_t available = beyond(question->available, question->total / RESERVE_OF_MEMORY);
	uint64_t all_out;
	int err;

	*answer = (struct fit_answer){ .verdict = FIT_YES };
	err = judge_groups(question, answer, &all_out);
	if (err)
		return err;
	if (answer->lacks) {
		answer->verdict = FIT_NOT_IN_GROUP;
		return 0;
	}
	answer->lacks = beyond(question->coming, available + question->elsewhere);
	if (answer->lacks)
		answer->verdict = FIT_NOT_IN_MEMORY;
	return 0;
}
