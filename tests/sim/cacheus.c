// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether cacheus keeps R to its share, and hears the expert that is right. Prints TAP.
 *
 * A loop over more pages than are local gives SR a share, as its pages come back unused; then R
 * must not have more than the rest, whatever is used. Weights follow mistakes: where a working set
 * moves on, what was used often is of no use any more; where a hot set stays beside scans, what was
 * used last is of none.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "internal.h"
#include "policy_object.h"

#define LOCAL 1000
#define PAGES (64 * LOCAL)
#define R 3
#define HALF (1U << 15)
#define WHOLE (1ULL << 32)

static struct random random_state;
static struct policy_object object;
static struct mage_domain *domain;

static bool open_policy(void)
{
	struct machine_setup setup = {
		.pages = PAGES, .frames = LOCAL, .batch = 1, .tick = LOCAL, .seed = 1
	};

	random_seed(&random_state, 1);
	if (!policy_open(&object, "cacheus"))
		return false;
	domain = machine_new(object.ops, &setup);
	return domain;
}

static void close_policy(void)
{
	machine_free(domain);
	policy_close(&object);
}

static void loop(u32 pages, u32 rounds)
{
	for (u32 i = 0; i < rounds * pages; i++)
		machine_reference(domain, i % pages, false);
}

static u32 room_of_r(void)
{
	const u64 *capacity = dlsym(object.handle, "capacity");
	const u64 *share = dlsym(object.handle, "sr_share");

	return (u32)(*capacity - *capacity * *share / WHOLE);
}

/* Pages that R has too many at worst: those that were found used since a victim was chosen. */
static u32 too_many_in_r(u32 *least)
{
	u32 worst = 0;

	*least = LOCAL;
	loop(LOCAL * 5 / 4, 40);
	for (u32 i = 0; i < 40 * LOCAL; i++) {
		u32 room = room_of_r(), nr = (u32)domain->lists[R].nr;

		machine_reference(domain, random_below(&random_state, LOCAL * 5 / 4), false);
		worst = nr > room && nr - room > worst ? nr - room : worst;
		*least = room < *least ? room : *least;
	}
	return worst;
}

static u32 weight_of_recency(void)
{
	const u32 *recency = dlsym(object.handle, "recency");

	return *recency;
}

/* Each working set is used at random, and never again after the next has come. */
static void move_on(void)
{
	for (u32 set = 0; set < 60; set++)
		for (u32 i = 0; i < 6 * LOCAL; i++)
			machine_reference(domain, set * LOCAL + random_below(&random_state, LOCAL),
					  false);
}

static void stay_beside_scans(void)
{
	u32 scanned = 0;

	for (u32 i = 0; i < 100 * LOCAL; i++) {
		machine_reference(domain, random_below(&random_state, LOCAL / 2), false);
		if (i % 2)
			machine_reference(domain, LOCAL + scanned++ % (2 * LOCAL), false);
	}
}

int main(void)
{
	u32 worst, least, moving, staying;

	printf("1..3\n");
	if (!open_policy())
		return 1;
	worst = too_many_in_r(&least);
	close_policy();
	printf("# R has %u pages too many at worst, and room for %u at least\n", worst, least);
	printf("%s 1 - R is kept to its share\n",
	       worst <= LOCAL / 10 && least < LOCAL / 2 ? "ok" : "not ok");
	if (!open_policy())
		return 1;
	move_on();
	moving = weight_of_recency();
	close_policy();
	if (!open_policy())
		return 1;
	stay_beside_scans();
	staying = weight_of_recency();
	close_policy();
	printf("# recency weighs %u %% where the working set moves, %u %% where it stays\n",
	       moving * 50 / HALF, staying * 50 / HALF);
	printf("%s 2 - recency is heard where a working set moves on\n",
	       moving > HALF ? "ok" : "not ok");
	printf("%s 3 - frequency where one stays\n", staying < HALF ? "ok" : "not ok");
	return 0;
}
