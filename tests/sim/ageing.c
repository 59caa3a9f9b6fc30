// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether mglru's aging gets round all pages, with more of them than it looks at in a tick. Prints
 * TAP.
 *
 * Some pages are used once, the others all the time, so that the first are left behind in an old
 * generation, more than one tick can look at. Whenever aging begins uses stop; when it is over it
 * has to have taken the accessed bit of every page.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "internal.h"
#include "policy_object.h"

#define LOCAL 50000
#define USED_ONCE 11000
#define TICK 1000
#define ROUNDS 4
#define TICKS_MAX 1000

static struct mage_domain *domain;
static u32 next_new = LOCAL;
static u64 references;
static bool good = true;

/* One reference in so many is the first to its page, as there are no ticks in an idle domain. */
static void refer(u32 page)
{
	if (++references % (TICK / 2) == 0)
		page = next_new++;
	good = good && machine_reference(domain, page, false);
}

static u32 never_looked_at(void)
{
	u32 nr = 0;

	for (u32 page = 0; page < LOCAL; page++)
		nr += domain->entries[page].frame != NO_FRAME && domain->entries[page].accessed;
	return nr;
}

/* Uses pages until aging begins; true if it did. */
static bool use_until(const volatile u64 *aging)
{
	for (u32 i = 0; i < TICKS_MAX * TICK; i++) {
		if (*aging)
			return true;
		refer(USED_ONCE + i % (LOCAL - USED_ONCE));
	}
	return false;
}

static bool idle_while(const volatile u64 *aging)
{
	for (u32 i = 0; i < TICKS_MAX * TICK; i++) {
		if (!*aging)
			return true;
		refer(LOCAL);
	}
	return false;
}

int main(void)
{
	struct machine_setup setup = {
		.pages = 2 * LOCAL, .frames = LOCAL, .batch = 32, .tick = TICK, .seed = 1
	};
	const volatile u64 *aging;
	struct policy_object object;

	printf("1..%d\n", ROUNDS);
	if (!policy_open(&object, "mglru"))
		return 1;
	domain = machine_new(object.ops, &setup);
	aging = dlsym(object.handle, "aging");
	if (!domain || !aging)
		return 1;
	for (u32 page = 0; page < LOCAL; page++)
		refer(page);
	idle_while(aging);
	for (u32 round = 1; round <= ROUNDS; round++) {
		bool begun = use_until(aging), ended = idle_while(aging);
		u32 left = never_looked_at();

		printf("%s %u - aging %u looks at each of %u pages\n",
		       good && begun && ended && !left ? "ok" : "not ok", round, round, LOCAL);
		if (left)
			printf("# not at %u\n", left);
		if (!begun || !ended)
			printf("# it %s\n", begun ? "does not end" : "does not begin");
		if (machine_broken(domain))
			printf("# the policy broke a rule: %s\n", machine_broken(domain));
	}
	machine_free(domain);
	policy_close(&object);
	return 0;
}
