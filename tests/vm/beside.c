// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does something while the init or the exit of a policy runs, and says whether it was
 * done before that had ended.
 *
 *	beside HOW CGROUP-ID OBJECT [OTHER] run COMMAND...
 *	beside HOW CGROUP-ID OBJECT [OTHER] attach CGROUP-ID OBJECT
 *
 * HOW is "attach": the policy is the first of its cgroup, and its init runs; "swap": OTHER
 * governs, and its init runs; "leave": it governs, OTHER takes over, and its exit runs.  What
 * is done is a command, or that another policy, which is loaded before, is attached to
 * another cgroup.  The policy of OBJECT is one of those that say in
 * endless_stage whether they have begun, and ended: see endless.bpf.h.
 *
 * Exit status: 0 done, and it still ran; 1 it could not be done; 2 this program could not
 * start; 3 done, but that had ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "policy_table.h"

extern char **environ;

_Noreturn static void fail(const char *what, const char *on)
{
	fprintf(stderr, "beside: cannot %s %s: %s\n", what, on, strerror(errno));
	exit(2);
}

_Noreturn static void usage(void)
{
	fprintf(stderr, "usage: beside attach CGROUP-ID OBJECT WHAT, or\n"
			"       beside swap|leave CGROUP-ID OBJECT OTHER WHAT, where WHAT is\n"
			"       run COMMAND..., or attach CGROUP-ID OBJECT\n");
	exit(2);
}

struct policy {
	struct bpf_map *map;
	volatile const uint32_t *stage;
};

/* The place of its endless_stage in the memory that the program and we share, if it has one. */
static volatile const uint32_t *find_stage(struct bpf_object *object)
{
	const struct btf *btf = bpf_object__btf(object);
	struct bpf_map *bss = bpf_object__find_map_by_name(object, ".bss");
	int id = btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC);
	const struct btf_var_secinfo *var;
	const struct btf_type *section;
	const char *memory;
	size_t size;

	if (!bss || id < 0)
		return NULL;
	memory = bpf_map__initial_value(bss, &size);
	section = btf__type_by_id(btf, (uint32_t)id);
	var = btf_var_secinfos(section);
	for (int i = 0; i < btf_vlen(section); i++, var++) {
		const struct btf_type *type = btf__type_by_id(btf, var->type);

		if (!strcmp(btf__name_by_offset(btf, type->name_off), "endless_stage"))
			return (const uint32_t *)(memory + var->offset);
	}
	return NULL;
}

static struct policy load(const char *path, const char *cgroup)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct policy policy = {};

	if (!object)
		fail("open", path);
	policy.map = policy_table(object, strtoull(cgroup, NULL, 10));
	if (!policy.map)
		fail("find a policy in", path);
	if (bpf_object__load(object))
		fail("load", path);
	policy.stage = find_stage(object);
	return policy;
}

/* What runs the callback; whether it succeeds does not matter. */
struct run {
	struct bpf_link *link;
	struct bpf_map *map;
};

static void *run_callback(void *data)
{
	const struct run *run = data;

	if (run->link)
		bpf_link__update_map(run->link, run->map);
	else
		bpf_link__destroy(bpf_map__attach_struct_ops(run->map));
	return NULL;
}

static struct bpf_link *attach(const struct policy *policy)
{
	struct bpf_link *link = bpf_map__attach_struct_ops(policy->map);

	if (!link)
		fprintf(stderr, "beside: cannot attach the other policy: %s\n", strerror(errno));
	return link;
}

static bool spawn(char **command)
{
	int status;
	pid_t pid;

	errno = posix_spawnp(&pid, command[0], NULL, NULL, command, environ);
	if (errno || waitpid(pid, &status, 0) != pid)
		fail("run", command[0]);
	return status == 0;
}

int main(int argc, char **argv)
{
	bool first = argc > 1 && !strcmp(argv[1], "attach");
	bool leaves = argc > 1 && !strcmp(argv[1], "leave");
	int what = first ? 4 : 5;
	struct policy policy, other = {}, beside = {};
	struct bpf_link *link = NULL;
	struct run run = {};
	pthread_t thread;
	uint32_t stage;
	bool done;

	if (argc < what + 2 || (!first && !leaves && strcmp(argv[1], "swap")))
		usage();
	if (!strcmp(argv[what], "attach")) {
		if (argc != what + 3)
			usage();
		beside = load(argv[what + 2], argv[what + 1]);
	} else if (strcmp(argv[what], "run")) {
		usage();
	}
	policy = load(argv[3], argv[2]);
	if (!policy.stage) {
		errno = ENOENT;
		fail("find endless_stage in", argv[3]);
	}
	if (!first) {
		other = load(argv[4], argv[2]);
		run.link = bpf_map__attach_struct_ops(leaves ? policy.map : other.map);
		if (!run.link)
			fail("attach", argv[leaves ? 3 : 4]);
	}
	run.map = leaves ? other.map : policy.map;
	errno = pthread_create(&thread, NULL, run_callback, &run);
	if (errno)
		fail("make", "a thread");
	while (!*policy.stage)
		sched_yield();
	if (beside.map)
		link = attach(&beside);
	done = beside.map ? link != NULL : spawn(argv + what + 1);
	stage = *policy.stage;
	pthread_join(thread, NULL);
	bpf_link__destroy(link);
	bpf_link__destroy(run.link);
	if (!done)
		return 1;
	return stage == 1 ? 0 : 3;
}
