// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether damon finds the part of the address space that is used often, keeps it, and follows it
 * when it moves. Prints TAP.
 *
 * Half of the references go to pages of one area, at random, the others through a far larger one,
 * in order. A page of the first is used again after so long that by age, or by one accessed bit, it
 * looks like one of the second; only the area as a whole tells. It is as large as what is local
 * but for an eighth. At half time another area becomes the first.
 *
 * And what its parts do, where all pages are local, a quarter of them is used from one tick to the
 * next, and the others never: borders are found, and neighbours that are alike are one region; what
 * stays as it is gets hotter or colder with age, to the ends of the scale; and all pages are sorted
 * by that, as one tick can watch a sixteenth of them only.
 */
#include <dlfcn.h>
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

#define STEADY 4096
#define STEADY_HOT (STEADY / 4)
#define ROUND_TICKS 5
/* Rounds after which age makes no difference to the heat any more, and some to find the borders. */
#define ROUNDS (16 + 8)
#define HOTTEST 7
#define REGIONS_MOST 24
#define SEEDS 8

/* Percent of the pages from @first on that are on a list. */
static u32 on_list(const struct mage_domain *domain, u32 first, u32 nr, u32 list)
{
	u32 there = 0;

	for (u32 page = first; page < first + nr; page++)
		there += domain->frames[domain->entries[page].frame].list == list;
	return there * 100 / nr;
}

static bool use_steadily(struct mage_domain *domain)
{
	for (u32 page = 0; page < STEADY; page++)
		if (!machine_reference(domain, page, false))
			return false;
	for (u32 i = 0; i < ROUNDS * ROUND_TICKS * STEADY_HOT; i++)
		if (!machine_reference(domain, STEADY / 2 + i % STEADY_HOT, false))
			return false;
	return true;
}

/* Adds what is found of steady use: regions, and percent of the pages that are on the right list. */
static bool settle(u64 seed, u32 *regions, u32 *hot, u32 *cold)
{
	struct machine_setup setup = {
		.pages = STEADY,
		.frames = 2 * STEADY,
		.batch = 32,
		.tick = STEADY_HOT,
		.seed = seed,
	};
	struct policy_object object;
	struct mage_domain *domain;
	const u32 *joined;

	if (!policy_open(&object, "damon"))
		return false;
	domain = machine_new(object.ops, &setup);
	joined = dlsym(object.handle, "joined");
	if (!domain || !joined || !policy_set(&object, "damon", "watched=256") ||
	    !use_steadily(domain))
		return false;
	*regions += *joined;
	*hot += on_list(domain, STEADY / 2, STEADY_HOT, HOTTEST);
	*cold += on_list(domain, 0, STEADY / 2, 0);
	machine_free(domain);
	policy_close(&object);
	return true;
}

int main(void)
{
	u32 regions = 0, hot = 0, cold = 0;
	u32 damon, damon_moved, clock, clock_moved;

	printf("1..5\n");
	if (!run("damon", &damon, &damon_moved) || !run("clock", &clock, &clock_moved))
		return 1;
	printf("%s 1 - an area that is used often is kept\n", damon * 3 <= clock ? "ok" : "not ok");
	printf("%s 2 - another one when it moves\n",
	       damon_moved * 3 <= clock_moved ? "ok" : "not ok");
	/* Where regions are cut is left to chance. */
	for (u64 seed = 1; seed <= SEEDS; seed++)
		if (!settle(seed, &regions, &hot, &cold))
			return 1;
	printf("# %u regions, %u %% of the hot pages are the hottest, %u %% of the cold the coldest\n",
	       regions / SEEDS, hot / SEEDS, cold / SEEDS);
	printf("%s 3 - regions are cut, and joined\n",
	       regions > 2 * SEEDS && regions <= REGIONS_MOST * SEEDS ? "ok" : "not ok");
	printf("%s 4 - with age what is used all the time is the hottest\n",
	       hot >= 45 * SEEDS ? "ok" : "not ok");
	printf("%s 5 - and what is never used the coldest\n", cold >= 70 * SEEDS ? "ok" : "not ok");
	return 0;
}
