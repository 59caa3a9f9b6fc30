// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a page of which an application said that it is cold is the next to go, under policies
 * that choose victims from samples. Prints TAP.
 */
#include <stdio.h>

#include "internal.h"
#include "policy_object.h"

#define LOCAL 1000
#define COLD 20

static const char *const policies[] = { "lruk", "lecar", "cacheus", "lhd", "damon" };

/* As the kernel does, with the callback or without. */
static void say_cold(struct mage_domain *domain, u32 page)
{
	struct mage_frame *frame = &domain->frames[domain->entries[page].frame];

	domain->entries[page].accessed = false;
	if (domain->policy->hint)
		domain->policy->hint(domain, frame, MAGE_HINT_COLD);
	else
		frame_move(domain, frame, 0, false);
}

/* Of so many local pages that are cold, how many are still there after as many have left. */
static u32 cold_left(struct mage_domain *domain)
{
	u32 page = 0, cold[COLD], nr = 0, left = 0;

	while (page < 3 * LOCAL)
		machine_reference(domain, page++, false);
	for (u32 late = page; nr < COLD && late--;) {
		if (domain->entries[late].frame == NO_FRAME)
			continue;
		say_cold(domain, late);
		cold[nr++] = late;
	}
	for (u32 i = 0; i < COLD; i++)
		machine_reference(domain, page++, false);
	for (u32 i = 0; i < COLD; i++)
		left += domain->entries[cold[i]].frame != NO_FRAME;
	return left;
}

int main(void)
{
	size_t nr = sizeof(policies) / sizeof(*policies);

	printf("1..%zu\n", nr);
	for (size_t i = 0; i < nr; i++) {
		struct machine_setup setup = {
			.pages = 4 * LOCAL, .frames = LOCAL, .batch = 1, .tick = 1000, .seed = 1
		};
		struct policy_object object;
		struct mage_domain *domain;
		u32 left;

		if (!policy_open(&object, policies[i]))
			return 1;
		domain = machine_new(object.ops, &setup);
		if (!domain)
			return 1;
		left = cold_left(domain);
		printf("%s %zu - under %s cold pages are the next to go\n",
		       left || machine_broken(domain) ? "not ok" : "ok", i + 1, policies[i]);
		if (left)
			printf("# %u of %u stay\n", left, COLD);
		machine_free(domain);
		policy_close(&object);
	}
	return 0;
}
