// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether looks around a page that was used find which of its neighbours were, and looks at regions
 * what is mapped there: as the KUnit suites of mm/mage/around.c and region.c have it for the
 * kernel. Prints TAP.
 */
#include <errno.h>
#include <stdio.h>

#include "internal.h"
#include "policy_object.h"

#define PAGES 1000
#define TABLE 512
#define USED 3
#define OTHER 4
#define OTHER_USED 5

static struct mage_domain *domain;
static struct batch batch;
static u32 tests;

static struct mage_frame *frame_of(u32 page)
{
	return &domain->frames[domain->entries[page].frame];
}

/* Where pages of list 0 and of OTHER go. */
static const u64 to = (MAGE_AROUND_NONE & ~(15ULL | 15ULL << 4 * OTHER)) | USED |
		      (u64)OTHER_USED << 4 * OTHER;

/* All pages are on list 0, in order, and were used; a call begins. */
static struct mage_batch *settled(void)
{
	for (u32 page = 0; page < PAGES; page++) {
		machine_reference(domain, page, false);
		frame_move(domain, frame_of(page), 0, true);
	}
	batch.seen = (struct mage_batch){ .domain = domain,
					  .max = BATCH_MAX,
					  .walk_budget = MAGE_WALK_BUDGET };
	return &batch.seen;
}

static void say(bool good, const char *what)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", ++tests, what);
}

/* Of the pages from @first on, and of no others, that a look around @at moves them. */
static bool moves(u32 at, u32 first, u32 nr)
{
	struct mage_batch *seen = settled();
	u32 took = walk_look_around(seen, frame_of(at), to), wrong = 0;

	for (u32 page = 0; page < PAGES; page++) {
		bool near = page >= first && page < first + nr;

		wrong += domain->entries[page].accessed == near;
		wrong += frame_of(page)->list != (near && page != at ? USED : 0);
	}
	return !wrong && took == 1 + (nr - 1 + 7) / 8 + nr - 1 &&
	       seen->walk_budget == MAGE_WALK_BUDGET + 1 - took;
}

static bool what_others_have_stays(void)
{
	struct mage_batch *seen = settled();

	frame_of(100)->state = FRAME_WALKED;
	frame_of(101)->state = FRAME_VICTIM;
	frame_move(domain, frame_of(102), USED, true);
	frame_move(domain, frame_of(103), OTHER, true);
	walk_look_around(seen, frame_of(104), to);
	frame_of(100)->state = FRAME_LISTED;
	frame_of(101)->state = FRAME_LISTED;
	return domain->entries[100].accessed && domain->entries[101].accessed &&
	       domain->entries[102].accessed && frame_of(103)->list == OTHER_USED;
}

static bool place_is_seen_once(void)
{
	struct mage_batch *seen = settled();
	u32 budget;

	walk_look_around(seen, frame_of(100), to);
	budget = seen->walk_budget;
	machine_reference(domain, 101, false);
	machine_reference(domain, 102, false);
	return walk_look_around(seen, frame_of(101), to) == 1 && domain->entries[102].accessed &&
	       seen->walk_budget == budget;
}

static bool budget_is_kept(void)
{
	struct mage_batch *seen = settled();

	seen->walk_budget = 12;
	return walk_look_around(seen, frame_of(100), to) == 13 && !seen->walk_budget &&
	       domain->lists[USED].nr == 4;
}

/* The rows of a pass are its own; the others are taken off the list before they are seen. */
static bool pass_sees_none_twice(void)
{
	struct mage_batch *seen = settled();

	for (u32 page = 0; page < PAGES; page++)
		domain->entries[page].accessed = page == 0 || page == 20 || page == 21;
	for (u32 page = 60; page < PAGES; page++)
		frame_move(domain, frame_of(page), OTHER, true);
	return pass_pick_around(seen, 0, PAGES, to, MAGE_WALK_STAY) == 58 && seen->nr == 57 &&
	       frame_of(20)->list == USED && frame_of(21)->list == USED && frame_of(0)->list == 0;
}

static u64 address_of(u32 page)
{
	return MACHINE_ADDRESS + ((u64)page << PAGE_BITS);
}

/* A call counts as 8, each page table as one. */
static bool region_is_counted_and_forgotten(void)
{
	struct mage_batch *seen = settled();
	struct mage_region region;
	bool good;

	seen->region_budget = MAGE_REGION_BUDGET;
	good = !region_look(seen, MACHINE_PROCESS, address_of(500), address_of(600), &region) &&
	       region.local == 100 && region.used == 100 && !region.far &&
	       region.looks == 100 + 8 + 2 && region.next == address_of(600) &&
	       seen->region_budget == MAGE_REGION_BUDGET - region.looks;
	good &= !region_look(seen, MACHINE_PROCESS, 0, ~0ULL, &region) && region.local == PAGES &&
		region.used == PAGES - 100;
	seen->region_budget = 8 + 1 + 7;
	good &= !region_look(seen, MACHINE_PROCESS, address_of(0), address_of(100), &region) &&
		region.local == 7 && region.next == address_of(7) && !seen->region_budget;
	return good &&
	       region_look(seen, MACHINE_PROCESS, address_of(7), address_of(9), &region) == -ENOSPC;
}

static bool bad_regions_are_refused(void)
{
	struct mage_batch *seen = settled();
	struct mage_region region;

	seen->region_budget = MAGE_REGION_BUDGET;
	return region_look(seen, MACHINE_PROCESS, 4096, 4096, &region) == -EINVAL &&
	       region_look(seen, MACHINE_PROCESS + 1, 0, ~0ULL, &region) == -ESRCH &&
	       !region.local && seen->region_budget == MAGE_REGION_BUDGET - 8;
}

static bool frames_come_by_address(void)
{
	struct mage_batch *seen = settled();
	struct bpf_iter_mage_region it;
	struct mage_frame *frame;
	u32 page = 10;

	seen->region_budget = MAGE_REGION_BUDGET;
	frame_move(domain, frame_of(12), OTHER, false);
	/* What a pass of before has picked is not there for others; nor is the next. */
	for (u32 at = 10; at < 60; at++)
		frame_of(at)->state = at == 20 ? FRAME_VICTIM : FRAME_LISTED;
	if (region_new(&it, seen, MACHINE_PROCESS, address_of(10), address_of(60)))
		return false;
	while ((frame = region_next(&it))) {
		page += page == 20;
		if (frame != frame_of(page++))
			return false;
	}
	return page == 60 && seen->walk_budget == MAGE_WALK_BUDGET - 49 &&
	       domain->entries[12].accessed;
}

int main(void)
{
	struct machine_setup setup = {
		.pages = PAGES, .frames = PAGES, .batch = 1, .tick = 100 * PAGES, .seed = 1
	};
	struct policy_object object;

	printf("1..11\n");
	if (!policy_open(&object, "fifo"))
		return 1;
	domain = machine_new(object.ops, &setup);
	if (!domain)
		return 1;
	say(moves(100, 100 - 32, 64), "64 with the page in their middle");
	say(moves(3, 0, 64), "not before the area");
	say(moves(PAGES - 2, PAGES - 64, 64), "not after it");
	say(moves(TABLE, TABLE, 64), "not beyond the page table");
	say(what_others_have_stays(), "what is walked, a victim, or to stay is left alone");
	say(place_is_seen_once(), "once in a call");
	say(budget_is_kept(), "within the budget");
	say(pass_sees_none_twice(), "a pass sees no page twice");
	say(region_is_counted_and_forgotten(), "a region is counted, and its use forgotten");
	say(bad_regions_are_refused(), "a region that is none is refused");
	say(frames_come_by_address(), "frames of a region come by address");
	machine_free(domain);
	policy_close(&object);
	return 0;
}
