// SPDX-License-Identifier: GPL-2.0-only
/* Other ways to make tasks: vfork and exec, threads, processes that share the address space. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops.h"
#include "report.h"

#define SLICE_PAGES 64u
#define EXEC_PAGES 256u
#define STACK_BYTES (64u * 1024)

/* A new program: its memory must be its own and start as zero. */
int exec_child(uint64_t seed)
{
	static struct actor a;
	struct slice all = { .count = EXEC_PAGES, .exclusive = true };

	region_create((size_t)EXEC_PAGES * PAGE_BYTES, seed);
	actor_init(&a, 0, seed, false);
	a.doing = "exec (child)";
	slice_verify(&a, &all);
	slice_rewrite(&a, &all);
	madvise(region_page(0), slice_bytes(&all), MADV_PAGEOUT);
	slice_verify(&a, &all);
	return EXIT_RIGHT;
}

int op_exec(struct actor *a)
{
	char seed[24];
	char *argv[] = { "torture", "--exec-child", seed, NULL };
	pid_t pid;

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)rng_next(&a->rng));
	pid = vfork();
	if (!pid) {
		execv("/proc/self/exe", argv);
		_exit(EXIT_SETUP);
	}
	if (pid < 0)
		return refused("vfork");
	reap(pid, "exec");
	return 0;
}

struct helper {
	struct actor actor;
	struct slice slice;
};

/* No libc and no system calls in here: a process that shares memory shares errno as well. */
static int helper_run(void *arg)
{
	struct helper *h = arg;

	slice_verify(&h->actor, &h->slice);
	for (uint32_t i = h->slice.first; i < h->slice.first + h->slice.count; i++)
		page_patch_in_place(&h->actor, i);
	slice_verify(&h->actor, &h->slice);
	return 0;
}

static struct helper *helper_new(struct actor *a)
{
	struct helper *h = aligned_alloc(64, (sizeof(*h) + 63) / 64 * 64);

	if (!h)
		return NULL;
	actor_init(&h->actor, a->number, rng_next(&a->rng), false);
	h->actor.doing = a->doing;
	h->slice = slice_pick(a, SLICE_PAGES);
	slice_lock(&h->slice, true);
	return h;
}

static void helper_free(struct actor *a, struct helper *h)
{
	slice_verify(a, &h->slice);
	slice_unlock(&h->slice);
	a->verified += h->actor.verified;
	free(h);
}

/* Another process, the same address space. */
int op_clone_vm(struct actor *a)
{
	struct helper *h = helper_new(a);
	int error = 0;
	char *stack;
	pid_t pid;

	if (!h)
		return ENOMEM;
	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED) {
		error = refused("mmap");
		goto out;
	}
	pid = clone(helper_run, stack + STACK_BYTES, CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD,
		    h);
	if (pid < 0)
		error = refused("clone");
	else
		reap(pid, "clone-vm");
	munmap(stack, STACK_BYTES);
out:
	helper_free(a, h);
	return error;
}

static void *thread_main(void *arg)
{
	struct helper *h = arg;

	helper_run(h);
	return NULL;
}

/* Threads that come and go; each with a stack that is mapped and given back. */
int op_threads(struct actor *a)
{
	for (unsigned int i = 0; i < 4; i++) {
		struct helper *h = helper_new(a);
		pthread_t thread;
		int error;

		if (!h)
			return ENOMEM;
		error = pthread_create(&thread, NULL, thread_main, h);
		if (!error)
			pthread_join(thread, NULL);
		helper_free(a, h);
		if (error) {
			errno = error;
			return refused("pthread_create");
		}
	}
	return 0;
}
