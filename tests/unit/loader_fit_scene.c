// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "devices/fit_scene.h"

#define MIB (1ULL << 20)
#define ROOT "/sys/fs/cgroup"

/* The root; a domain with 24 MiB of local memory, and a cgroup below it. */
static struct cgroup_node nodes[3];
static char names[3][32] = { ROOT, ROOT "/app", ROOT "/app/below" };
static struct domain domain;
static struct device devices[2];
static struct fit_scene scene;
static struct fit_report fit;
static const uint32_t both[] = { 0, 1 };

static void area(const char *path, uint64_t size, uint64_t used)
{
	struct swap_area *area = &scene.areas.area[scene.areas.nr++];

	strcpy(area->path, path);
	area->size = size;
	area->used = used;
}

static int prepare(void **state)
{
	static const size_t parents[] = { NO_PARENT, 0, 1 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		nodes[i] = (struct cgroup_node){
			.path = names[i],
			.id = 10 + i,
			.parent = parents[i],
			.limits = { .max = NO_LIMIT, .high = NO_LIMIT, .swap_max = NO_LIMIT },
		};
	nodes[1].limits.max = 24 * MIB;
	nodes[1].limits.current = 22 * MIB;
	nodes[1].limits.swap_current = 40 * MIB;
	nodes[1].droppable = 4 * MIB;
	nodes[1].swap_cached = 1 * MIB;
	domain = (struct domain){ .cgroup_id = 11 };
	for (int i = 0; i < 2; i++) {
		devices[i] = (struct device){ .index = (uint32_t)i, .state = "connected" };
		strcpy(devices[i].name, i ? "mage1" : "mage0");
	}
	scene = (struct fit_scene){
		.domains = &domain,
		.nr_domains = 1,
		.devices = devices,
		.nr_devices = 2,
		.memory = { .total = 1024 * MIB, .available = 512 * MIB },
		.tree = { nodes, 3 },
	};
	area("/dev/mage0", 128 * MIB, 40 * MIB);
	return 0;
}

static void judge(size_t nr)
{
	assert_int_equal(fit_scene_judge(&scene, both, nr, &fit), 0);
}

static void refused(size_t nr, const char *why)
{
	judge(nr);
	assert_false(fit.fits);
	assert_string_equal(fit.why, why);
}

static void accepted(size_t nr)
{
	judge(nr);
	assert_true(fit.fits);
}

/* 18 MiB and 39 MiB, where 23.25 may be. */
static void test_words(void **state)
{
	(void)state;
	/* Where cgroups are mounted is this machine's own. */
	judge(1);
	assert_false(fit.fits);
	assert_non_null(strstr(fit.why, "pages do not fit into local memory, by 34 MiB: "));
	assert_non_null(strstr(fit.why, "/app has 57 MiB in memory and in swap, its memory.max is "
					"24 MiB, and other swap has room for 0 MiB"));
	assert_string_equal(fit.todo, "raise memory.max of " ROOT
				      "/app, end what runs in it, or add other swap");
	nodes[1].limits.high = 16 * MIB;
	judge(1);
	assert_non_null(strstr(fit.why, "its memory.high is 16 MiB"));
	nodes[1].limits.high = NO_LIMIT;
	nodes[1].limits.swap_max = 8 * MIB;
	judge(1);
	assert_string_equal(fit.todo, "raise memory.max, or memory.swap.max, of " ROOT
				      "/app, end what runs in it, or add other swap");
	nodes[1].limits.max = NO_LIMIT;
	scene.memory.available = 50 * MIB;
	refused(1,
		"pages do not fit into local memory, by 6 MiB: 40 MiB would come back, 50 MiB of "
		"memory are available, and other swap has room for 0 MiB");
	assert_string_equal(fit.todo, "end what uses memory, or add other swap");
}

static void test_elsewhere(void **state)
{
	(void)state;
	area("/dev/ram1", 40 * MIB, 2 * MIB);
	accepted(1);
	scene.areas.nr = 1;
	/* One that has failed takes nothing; nor does one that goes as well. */
	area("/dev/mage1", 128 * MIB, 0);
	accepted(1);
	judge(2);
	assert_false(fit.fits);
	strcpy(devices[1].state, "failed");
	judge(1);
	assert_false(fit.fits);
	/* And from one that has failed nothing comes. */
	strcpy(devices[0].state, "failed");
	accepted(1);
}

/* What is far as well as local takes no room when it comes. */
static void test_copies(void **state)
{
	(void)state;
	/* 35 MiB of 40: 18 and 4 fit. */
	domain.clean_copies = 35 * MIB;
	accepted(1);
	/* The pages are of the cgroup below, as far as nobody else's can be. */
	nodes[2].limits = nodes[1].limits;
	nodes[2].limits.swap_current = 38 * MIB;
	nodes[2].droppable = 4 * MIB;
	accepted(1);
	/* They are somebody else's, perhaps. */
	nodes[2].limits.swap_current = 10 * MIB;
	nodes[2].limits.max = 22 * MIB;
	judge(1);
	assert_false(fit.fits);
	assert_non_null(strstr(fit.why, "/app/below has 23 MiB in memory and in swap"));
	/* What is in other swap, and local as well, may be all that is local as well. */
	nodes[2].limits.max = NO_LIMIT;
	nodes[1].limits.max = NO_LIMIT;
	scene.memory.available = 50 * MIB;
	accepted(1);
	area("/dev/mage1", 35 * MIB, 35 * MIB);
	judge(1);
	assert_false(fit.fits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_words, prepare),
		cmocka_unit_test_setup(test_elsewhere, prepare),
		cmocka_unit_test_setup(test_copies, prepare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
