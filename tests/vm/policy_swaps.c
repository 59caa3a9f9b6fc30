// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts a cgroup under a policy and replaces it many times, with objects that
 * were loaded beforehand: what a swap itself takes, without the loading.
 *
 *	policy_swaps CGROUP-ID SWAPS OBJECT...
 *
 * Attaches the first one, pins its link where "mage policy" finds it, and waits
 * for a line on standard input.  Each time the next policy is one of the others,
 * in an order that is the same whenever it runs.  Prints what the swaps took, and
 * leaves the last policy in force.
 *
 * Exit status: 0 all done; 1 a swap failed; 2 it could not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "policy_table.h"

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

_Noreturn static void fail(const char *what, const char *on)
{
	fprintf(stderr, "policy_swaps: cannot %s %s: %s\n", what, on, strerror(errno));
	exit(2);
}

/* Loads an object, which stays open; returns its table. */
static struct bpf_map *load(const char *path, uint64_t cgroup)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_map *map;

	if (!object)
		fail("open", path);
	map = policy_table(object, cgroup);
	if (!map)
		fail("find a policy in", path);
	if (bpf_object__load(object))
		fail("load", path);
	return map;
}

int main(int argc, char **argv)
{
	unsigned long swaps = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	uint64_t cgroup = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	int nr = argc - 3, at = 0;
	uint64_t *us, longest = 0, random = 1;
	const char *from = "", *to = "";
	struct bpf_link *link;
	struct bpf_map **maps;
	char pin[64];

	if (!cgroup || !swaps || nr < 2) {
		fprintf(stderr, "usage: policy_swaps CGROUP-ID SWAPS OBJECT OBJECT...\n");
		return 2;
	}
	maps = calloc((size_t)nr, sizeof(struct bpf_map *));
	us = calloc(swaps, sizeof(*us));
	if (!maps || !us)
		fail("allocate", "memory");
	for (int i = 0; i < nr; i++)
		maps[i] = load(argv[3 + i], cgroup);
	link = bpf_map__attach_struct_ops(maps[0]);
	if (!link)
		fail("attach", argv[3]);
	snprintf(pin, sizeof(pin), "/sys/fs/bpf/mage/%" PRIu64, cgroup);
	if (bpf_link__pin(link, pin))
		fail("pin", pin);
	getchar();

	for (unsigned long i = 0; i < swaps; i++) {
		int next;
		uint64_t begin;

		random = random * 6364136223846793005u + 1442695040888963407u;
		next = (at + 1 + (int)((random >> 33) % (unsigned int)(nr - 1))) % nr;
		begin = now_us();
		if (bpf_link__update_map(link, maps[next])) {
			fprintf(stderr, "policy_swaps: swap %lu, from %s to %s: %s\n", i + 1,
				bpf_map__name(maps[at]), bpf_map__name(maps[next]),
				strerror(errno));
			return 1;
		}
		us[i] = now_us() - begin;
		if (us[i] > longest) {
			longest = us[i];
			from = bpf_map__name(maps[at]);
			to = bpf_map__name(maps[next]);
		}
		at = next;
	}
	qsort(us, swaps, sizeof(*us), compare);
	printf("%lu swaps among %d policies: median %.1f ms, longest %.1f ms (%s to %s)\n", swaps,
	       nr, (double)us[swaps / 2] / 1000, (double)longest / 1000, from, to);
	return 0;
}
