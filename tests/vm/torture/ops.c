// SPDX-License-Identifier: GPL-2.0-only
/* The table of operations, the threads that run them, and the account of what was done. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "ops.h"
#include "report.h"

struct op {
	const char *name;
	int (*run)(struct actor *a);
	unsigned int weight; /* how often in a round; the slow ones once */
	bool optional;  /* needs a feature or a right that may be missing */
	bool doubtful;  /* the kernel may always refuse, whatever it has */
	bool direct;  /* needs --direct-file */
	bool guarded;  /* right for pages that raise SIGBUS, see below */
	bool selected;
	_Atomic uint64_t done;
	_Atomic uint64_t skipped;
	_Atomic int error;
};

/*
 * Not guarded is what takes EFAULT for an error, or shares what guard.c has for each thread; and
 * "willneed": a page that readahead has failed to read stays unreadable in the swap cache, even
 * when the store answers again.
 */
static struct op ops[] = {
	{ .name = "fork", .run = op_fork, .weight = 2 },
	{ .name = "fork-kill", .run = op_fork_kill, .weight = 1 },
	{ .name = "exec", .run = op_exec, .weight = 1 },
	{ .name = "clone-vm", .run = op_clone_vm, .weight = 2 },
	{ .name = "threads", .run = op_threads, .weight = 2, .guarded = true },
	{ .name = "mremap", .run = op_mremap, .weight = 4, .guarded = true },
	{ .name = "mprotect", .run = op_mprotect, .weight = 4, .guarded = true },
	{ .name = "munmap", .run = op_munmap, .weight = 4, .guarded = true },
	{ .name = "mlock", .run = op_mlock, .weight = 2 },
	{ .name = "dontneed", .run = op_dontneed, .weight = 4, .guarded = true },
	{ .name = "free", .run = op_free, .weight = 4 },
	{ .name = "pageout", .run = op_pageout, .weight = 4, .guarded = true },
	{ .name = "cold", .run = op_cold, .weight = 4, .guarded = true },
	{ .name = "willneed", .run = op_willneed, .weight = 4 },
	{ .name = "populate", .run = op_populate, .weight = 4 },
	{ .name = "thp", .run = op_thp, .weight = 1, .optional = true },
	{ .name = "collapse", .run = op_collapse, .weight = 1, .optional = true, .doubtful = true },
	{ .name = "ksm", .run = op_ksm, .weight = 1, .optional = true },
	{ .name = "compact", .run = op_compact, .weight = 1, .optional = true, .guarded = true },
	{ .name = "vm-readv", .run = op_vm_readv, .weight = 4 },
	{ .name = "vm-readv-child", .run = op_vm_readv_child, .weight = 1 },
	{ .name = "vm-writev", .run = op_vm_writev, .weight = 4 },
	{ .name = "proc-mem", .run = op_proc_mem, .weight = 4 },
	{ .name = "vmsplice", .run = op_vmsplice, .weight = 2 },
	{ .name = "direct-read", .run = op_direct_read, .weight = 4, .direct = true },
	{ .name = "direct-write", .run = op_direct_write, .weight = 4, .direct = true },
	{ .name = "pagemap", .run = op_pagemap, .weight = 2, .guarded = true },
	{ .name = "smaps", .run = op_smaps, .weight = 1, .guarded = true },
	{ .name = "soft-dirty", .run = op_soft_dirty, .weight = 1, .optional = true },
	{ .name = "uffd-wp", .run = op_uffd_wp, .weight = 2, .optional = true },
};

#define NR_OPS (sizeof(ops) / sizeof(ops[0]))
#define MAX_WEIGHT 4u
#define MOST_TRIES 100u /* of an operation that has to succeed */

struct op_thread {
	struct actor actor;
	pthread_t thread;
	uint64_t last_steps;
	struct op *deck[NR_OPS * MAX_WEIGHT];
};

static struct op_thread *threads;
static unsigned int nr_threads;
static atomic_bool stopping;
static bool none_optional;

static bool listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, length) && (at[length] == ',' || !at[length]))
			return true;
	}
	return false;
}

static void check_names(const char *list)
{
	char *copy = strdup(list), *rest = copy, *name;

	if (!copy)
		bad_setup("out of memory");
	while ((name = strsep(&rest, ","))) {
		size_t i = 0;

		while (i < NR_OPS && strcmp(ops[i].name, name))
			i++;
		if (i == NR_OPS)
			bad_setup("no operation is called '%s' (see --help)", name);
	}
	free(copy);
}

void ops_select(const char *list, bool have_direct, bool strict)
{
	bool all = !strcmp(list, "all");

	none_optional = strict;
	if (!strcmp(list, "none"))
		return;
	if (!all)
		check_names(list);
	for (size_t i = 0; i < NR_OPS; i++) {
		if (!all && !listed(list, ops[i].name))
			continue;
		if (!all && ops[i].direct && !have_direct)
			bad_setup("'%s' needs --direct-file", ops[i].name);
		if (!all && guard_is_on() && !ops[i].guarded)
			bad_setup(
				"'%s' takes a page that cannot be read for an error: not with --may-sigbus",
				ops[i].name);
		ops[i].selected = (!ops[i].direct || have_direct) &&
				  (!guard_is_on() || ops[i].guarded);
	}
}

void ops_print_names(FILE *out)
{
	for (size_t i = 0; i < NR_OPS; i++)
		fprintf(out, "%s%s%s%s", i ? " " : "", ops[i].name, ops[i].optional ? "*" : "",
			ops[i].guarded ? "+" : "");
	fprintf(out, "\n");
}

/* A shuffled round in which every selected operation appears at least once. */
static unsigned int deck_shuffle(struct op_thread *t)
{
	unsigned int n = 0;

	for (size_t i = 0; i < NR_OPS; i++) {
		for (unsigned int k = 0; ops[i].selected && k < ops[i].weight; k++)
			t->deck[n++] = &ops[i];
	}
	for (unsigned int i = n; i > 1; i--) {
		unsigned int j = rng_below(&t->actor.rng, i);
		struct op *op = t->deck[i - 1];

		t->deck[i - 1] = t->deck[j];
		t->deck[j] = op;
	}
	return n;
}

static void op_run(struct op_thread *t, struct op *op)
{
	int error;

	t->actor.doing = op->name;
	error = op->run(&t->actor);
	t->actor.steps++;
	if (!error) {
		op->done++;
		return;
	}
	op->skipped++;
	op->error = error;
}

static bool op_may_fail(const struct op *op)
{
	return op->optional && (op->doubtful || !none_optional);
}

/* Nothing more is to be learnt about it. */
static bool op_settled(const struct op *op)
{
	return op->done || op->skipped >= (op_may_fail(op) ? 1 : MOST_TRIES);
}

static bool ops_settled(void)
{
	for (size_t i = 0; i < NR_OPS; i++) {
		if (ops[i].selected && !op_settled(&ops[i]))
			return false;
	}
	return true;
}

static void *op_main(void *arg)
{
	struct op_thread *t = arg;

	while (!stopping || !ops_settled()) {
		unsigned int n = deck_shuffle(t);

		for (unsigned int i = 0; i < n; i++) {
			if (stopping && op_settled(t->deck[i]))
				continue;
			op_run(t, t->deck[i]);
		}
	}
	return NULL;
}

void ops_start(unsigned int count, uint64_t seed)
{
	bool any = false;

	for (size_t i = 0; i < NR_OPS; i++)
		any |= ops[i].selected;
	if (!any)
		return;
	threads = calloc(count, sizeof(*threads));
	if (!threads)
		bad_setup("out of memory");
	nr_threads = count;
	for (unsigned int i = 0; i < count; i++) {
		actor_init(&threads[i].actor, i, mix64(seed), true);
		if (pthread_create(&threads[i].thread, NULL, op_main, &threads[i]))
			bad_setup("cannot create a thread");
	}
}

void ops_stop(void)
{
	stopping = true;
	for (unsigned int i = 0; i < nr_threads; i++)
		pthread_join(threads[i].thread, NULL);
}

void ops_print_counts(FILE *out)
{
	for (size_t i = 0; i < NR_OPS; i++) {
		if (!ops[i].selected)
			continue;
		fprintf(out, " %s=%llu", ops[i].name, (unsigned long long)ops[i].done);
		if (ops[i].skipped)
			fprintf(out, "(%llu skipped: %s)", (unsigned long long)ops[i].skipped,
				strerrorname_np(ops[i].error));
	}
}

uint64_t ops_done(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < NR_OPS; i++)
		sum += ops[i].done;
	return sum;
}

uint64_t ops_verified(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < nr_threads; i++)
		sum += threads[i].actor.verified;
	return sum;
}

void ops_report_stuck(void)
{
	for (unsigned int i = 0; i < nr_threads; i++) {
		uint64_t steps = threads[i].actor.steps;

		if (steps == threads[i].last_steps)
			fprintf(stderr, "torture: operation thread %u has not moved (%s)\n", i,
				threads[i].actor.doing);
		threads[i].last_steps = steps;
	}
}

bool ops_all_worked(void)
{
	bool worked = true;

	for (size_t i = 0; i < NR_OPS; i++) {
		if (!ops[i].selected || ops[i].done || op_may_fail(&ops[i]))
			continue;
		fprintf(stderr, "torture: FAIL: operation %s never succeeded: %s\n", ops[i].name,
			strerrorname_np(ops[i].error));
		worked = false;
	}
	return worked;
}
