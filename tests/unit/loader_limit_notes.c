// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "domains/limit_notes.h"
#include "kernel/state.h"

#define MIB (1ULL << 20)

static char names[5][16] = { "/cg", "/cg/a", "/cg/a/d", "/cg/a/d/x", "/cg/a/d/y" };
static struct cgroup_node nodes[5];
static struct cgroup_tree tree = { nodes, 5 };
static struct limit_notes *notes;

static int prepare(void **state)
{
	static const size_t parents[] = { NO_PARENT, 0, 1, 2, 2 };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		nodes[i] = (struct cgroup_node){ .path = names[i], .parent = parents[i] };
		nodes[i].limits = (struct cgroup_limits){
			.max = NO_LIMIT,
			.high = NO_LIMIT,
			.swap_max = NO_LIMIT,
			.current = 20 * MIB,
		};
	}
	notes = calloc(1, sizeof(*notes));
	return !notes;
}

static int release(void **state)
{
	(void)state;
	limit_notes_free(notes);
	return 0;
}

/* Judges the domain /cg/a/d. */
static void judge(size_t nr)
{
	limit_notes_free(notes);
	notes = calloc(1, sizeof(*notes));
	assert_non_null(notes);
	limit_notes_judge(&tree, 2, notes);
	assert_int_equal(notes->nr, nr);
}

static void expect(size_t i, enum limit_effect effect, const char *cgroup, const char *file,
		   bool wrong)
{
	assert_int_equal(notes->note[i].effect, effect);
	assert_string_equal(notes->note[i].cgroup, cgroup);
	assert_string_equal(notes->note[i].file, file);
	assert_int_equal(notes->note[i].wrong, wrong);
	assert_int_equal(!notes->note[i].todo[0], effect == LIMIT_KEPT);
}

static void test_kept(void **state)
{
	(void)state;
	judge(0);
	nodes[1].limits.max = 64 * MIB;
	nodes[3].limits.max = 32 * MIB;
	nodes[3].limits.high = 16 * MIB;
	nodes[4].limits.swap_max = 8 * MIB;
	judge(3);
	expect(0, LIMIT_KEPT, "/cg/a", "memory.max", false);
	expect(1, LIMIT_KEPT, "/cg/a/d/x", "memory.high", false);
	assert_int_equal(notes->note[1].bytes, 16 * MIB);
	expect(2, LIMIT_KEPT, "/cg/a/d/y", "memory.swap.max", false);
}

static void test_swap_max(void **state)
{
	(void)state;
	nodes[4].limits.swap_max = 0;
	judge(1);
	expect(0, LIMIT_STOPS, "/cg/a/d/y", "memory.swap.max", false);
	nodes[1].limits.swap_max = nodes[1].limits.swap_current = 8 * MIB;
	judge(2);
	expect(0, LIMIT_STOPS, "/cg/a", "memory.swap.max", true);
}

static void test_protection(void **state)
{
	(void)state;
	nodes[2].limits.max = 32 * MIB;
	/* Not of the domain itself at its own limit. */
	nodes[2].limits.min = 64 * MIB;
	nodes[3].limits.min = 20 * MIB;
	judge(1);
	expect(0, LIMIT_KEPT, "/cg/a/d", "memory.max", false);
	nodes[4].limits.min = 12 * MIB;
	judge(1);
	expect(0, LIMIT_PROTECTS, "/cg/a/d", "memory.max", false);
	nodes[4].limits.min = NO_LIMIT;
	judge(1);
	expect(0, LIMIT_PROTECTS, "/cg/a/d", "memory.max", false);
	nodes[4].limits.min = 0;
	nodes[3].limits.low = nodes[4].limits.low = 20 * MIB;
	judge(1);
	expect(0, LIMIT_BREACHED, "/cg/a/d", "memory.max", false);
	/* At a limit above it it is one of those that are protected. */
	nodes[2].limits.max = NO_LIMIT;
	nodes[1].limits.max = 20 * MIB;
	judge(1);
	expect(0, LIMIT_PROTECTS, "/cg/a", "memory.max", false);
}

static void test_unlimited(void **state)
{
	(void)state;
	nodes[2].limits.min = 19 * MIB;
	judge(0);
	nodes[2].limits.min = 20 * MIB;
	judge(1);
	expect(0, LIMIT_PROTECTS, "/cg/a/d", "memory.min", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, prepare, release),
		cmocka_unit_test_setup_teardown(test_swap_max, prepare, release),
		cmocka_unit_test_setup_teardown(test_protection, prepare, release),
		cmocka_unit_test_setup_teardown(test_unlimited, prepare, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
