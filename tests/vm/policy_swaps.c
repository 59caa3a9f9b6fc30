// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces the policy of a domain many times, with objects that were loaded
 * beforehand: what a swap itself takes, without the loading.
 *
 *	policy_swaps LINK SWAPS OBJECT...
 *
 * LINK is the pinned link of the policy in force.  The next one is any of the
 * others, in an order that is the same every time.  Prints what the swaps took.
 *
 * Exit status: 0 all done; 1 a swap failed; 2 it could not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

struct policy {
	const char *name;
	int map;
};

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void fail(const char *what, const char *on)
{
	fprintf(stderr, "policy_swaps: cannot %s %s: %s\n", what, on, strerror(errno));
	exit(2);
}

/* Loads an object, which stays open; its policy is the one table in it. */
static struct policy load(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_map *map;

	if (!object || bpf_object__load(object))
		fail("load", path);
	bpf_object__for_each_map (map, object) {
		uint32_t zero = 0;

		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		/* Commits the table: its programs are in place from here on. */
		if (bpf_map_update_elem(bpf_map__fd(map), &zero, bpf_map__initial_value(map, NULL),
					0))
			fail("make a policy of", path);
		return (struct policy){ .name = bpf_map__name(map), .map = bpf_map__fd(map) };
	}
	errno = ENOENT;
	fail("find a policy in", path);
	exit(2);
}

int main(int argc, char **argv)
{
	unsigned long swaps = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	int nr = argc - 3, at = 0, link;
	uint64_t *us, longest = 0, random = 1;
	const char *from = "", *to = "";
	struct policy *policies;

	if (!swaps || nr < 2) {
		fprintf(stderr, "usage: policy_swaps LINK SWAPS OBJECT OBJECT...\n");
		return 2;
	}
	policies = calloc((size_t)nr, sizeof(*policies));
	us = calloc(swaps, sizeof(*us));
	if (!policies || !us)
		fail("allocate", "memory");
	link = bpf_obj_get(argv[1]);
	if (link < 0)
		fail("open", argv[1]);
	for (int i = 0; i < nr; i++)
		policies[i] = load(argv[3 + i]);

	for (unsigned long i = 0; i < swaps; i++) {
		int next;
		uint64_t begin;

		random = random * 6364136223846793005u + 1442695040888963407u;
		next = (at + 1 + (int)((random >> 33) % (unsigned int)(nr - 1))) % nr;
		begin = now_us();
		if (bpf_link_update(link, policies[next].map, NULL)) {
			fprintf(stderr, "policy_swaps: swap %lu, from %s to %s: %s\n", i + 1,
				policies[at].name, policies[next].name, strerror(errno));
			return 1;
		}
		us[i] = now_us() - begin;
		if (us[i] > longest) {
			longest = us[i];
			from = policies[at].name;
			to = policies[next].name;
		}
		at = next;
	}
	qsort(us, swaps, sizeof(*us), compare);
	printf("%lu swaps among %d policies: median %.1f ms, longest %.1f ms (%s to %s)\n", swaps,
	       nr, (double)us[swaps / 2] / 1000, (double)longest / 1000, from, to);
	return 0;
}
