// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether each policy finds victims when many pages arrive before the first has to leave, many more
 * than it takes in at a time. Prints TAP.
 */
#include <stdio.h>

#include "internal.h"
#include "policy_object.h"

#define LOCAL 100000
#define PAGES (LOCAL + LOCAL / 4)

static const char *const policies[] = {
	"fifo", "clock",    "s3fifo",	"sieve", "arc",	       "twoq",	"lirs",	   "lfu",
	"lruk", "clockpro", "wtinylfu", "lhd",	 "hyperbolic", "lecar", "cacheus", "damon",
};

static bool fills(const char *name, u32 batch)
{
	struct machine_setup setup = {
		.pages = PAGES, .frames = LOCAL, .batch = batch, .tick = 1000, .seed = 1
	};
	struct policy_object object;
	struct mage_domain *domain;
	bool good;

	if (!policy_open(&object, name))
		return false;
	domain = machine_new(object.ops, &setup);
	good = domain;
	for (u32 page = 0; good && page < PAGES; page++)
		good = machine_reference(domain, page, false);
	if (domain && !good)
		printf("# %s, batch %u: %s\n", name, batch, machine_broken(domain));
	if (domain)
		machine_free(domain);
	policy_close(&object);
	return good;
}

int main(void)
{
	size_t nr = sizeof(policies) / sizeof(*policies);

	printf("1..%zu\n", nr);
	for (size_t i = 0; i < nr; i++) {
		bool good = fills(policies[i], 1);

		good &= fills(policies[i], 32);
		printf("%s %zu - %s finds victims when %u pages have arrived\n",
		       good ? "ok" : "not ok", i + 1, policies[i], LOCAL);
	}
	return 0;
}
