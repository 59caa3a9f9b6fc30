// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether damon finds the part of the address space that is used often, keeps it, and follows it
 * when it moves. Prints TAP.
 *
 * Half of the references go to pages of one area, at random, the others through a far larger one,
 * in order. A page of the first is used again after so long that by age, or by one accessed bit, it
 * looks like one of the second; only the area as a whole tells. It is as large as what is local
 * but for an eighth. At half time another area becomes the first.
 */
#include <stdio.h>

#include "internal.h"
#include "policy_object.h"

#define LOCAL 2000
#define HOT (LOCAL - LOCAL / 8)
#define AREAS 16
#define PAGES (AREAS * HOT)
#define TICK 500
#define REFERENCES 300000
/* What comes first is for learning. */
#define LEARNING (REFERENCES * 2 / 3)

static struct random random_state;
static u32 scanned;

/* One of the hot area or the next of all. */
static bool refer(struct mage_domain *domain, u32 hot_area, bool *hot)
{
	*hot = random_below(&random_state, 2);
	if (*hot)
		return machine_reference(domain, hot_area * HOT + random_below(&random_state, HOT),
					 false);
	return machine_reference(domain, scanned++ % PAGES, false);
}

/* Percent of the references to the hot area that missed, once there was time to learn. */
static u32 missed(struct mage_domain *domain, u32 hot_area)
{
	u64 references = 0, misses = 0;

	for (u32 i = 0; i < REFERENCES; i++) {
		u64 before = machine_counts(domain)->faults;
		bool hot;

		if (!refer(domain, hot_area, &hot))
			return 100;
		if (i < LEARNING || !hot)
			continue;
		references++;
		misses += machine_counts(domain)->faults - before;
	}
	return (u32)(misses * 100 / references);
}

static bool run(const char *name, u32 *at_begin, u32 *moved)
{
	struct machine_setup setup = {
		.pages = PAGES, .frames = LOCAL, .batch = 32, .tick = TICK, .seed = 1
	};
	struct policy_object object;
	struct mage_domain *domain;

	random_seed(&random_state, 1);
	scanned = 0;
	if (!policy_open(&object, name))
		return false;
	domain = machine_new(object.ops, &setup);
	if (!domain)
		return false;
	*at_begin = missed(domain, 3);
	*moved = missed(domain, 11);
	if (machine_broken(domain))
		printf("# %s broke a rule: %s\n", name, machine_broken(domain));
	machine_free(domain);
	policy_close(&object);
	printf("# %s missed %u %% of the hot area, %u %% after it moved\n", name, *at_begin,
	       *moved);
	return true;
}

int main(void)
{
	u32 damon, damon_moved, clock, clock_moved;

	printf("1..2\n");
	if (!run("damon", &damon, &damon_moved) || !run("clock", &clock, &clock_moved))
		return 1;
	printf("%s 1 - an area that is used often is kept\n", damon * 3 <= clock ? "ok" : "not ok");
	printf("%s 2 - another one when it moves\n",
	       damon_moved * 3 <= clock_moved ? "ok" : "not ok");
	return 0;
}
