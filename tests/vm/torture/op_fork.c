// SPDX-License-Identifier: GPL-2.0-only
/* fork and copy-on-write: each side must see the moment of the fork and its own writes only. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "ops.h"
#include "report.h"

#define SLICE_PAGES 64u
#define MAX_PROGRESS 256u

void child_begin(struct actor *a, const char *doing)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	a->doing = doing;
	a->owner = (uint32_t)getpid();
}

static void write_some(struct actor *a, const struct slice *s)
{
	for (uint32_t i = s->first; i < s->first + s->count; i++) {
		if (rng_next(&a->rng) & 1)
			page_rewrite(a, i);
	}
}

static void churn(struct actor *a, const struct slice *s)
{
	slice_verify(a, s);
	write_some(a, s);
	if (rng_next(&a->rng) & 1)
		madvise(region_page(s->first), slice_bytes(s), MADV_PAGEOUT);
	slice_verify(a, s);
}

/* A third generation: a page in far memory then has three owners. */
static void grandchild(struct actor *a, const struct slice *s)
{
	pid_t pid = fork();

	if (pid < 0)
		return;
	if (!pid) {
		child_begin(a, "fork (grandchild)");
		churn(a, s);
		_exit(EXIT_RIGHT);
	}
	churn(a, s);
	reap(pid, "fork (grandchild)");
}

static _Noreturn void fork_child(struct actor *a, const struct slice *s, int go)
{
	char byte;

	child_begin(a, "fork (child)");
	/* On a coin's side, the parent has written its own copies before the child looks. */
	if (rng_next(&a->rng) & 1 && read(go, &byte, 1) < 0)
		die_errno("read");
	churn(a, s);
	if (rng_below(&a->rng, 4) == 0)
		grandchild(a, s);
	slice_verify(a, s);
	_exit(EXIT_RIGHT);
}

int op_fork(struct actor *a)
{
	struct slice s = slice_pick(a, SLICE_PAGES);
	int go[2], error = 0;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC))
		return refused("pipe");
	slice_lock(&s, true);
	pid = fork();
	if (!pid) {
		close(go[1]);
		fork_child(a, &s, go[0]);
	}
	if (pid < 0) {
		error = refused("fork");
		slice_unlock(&s);
		goto out;
	}
	write_some(a, &s);
	slice_verify(a, &s);
	slice_unlock(&s);
	if (write(go[1], "", 1) != 1)
		die_errno("write");
	reap(pid, "fork");
	slice_lock(&s, false);
	slice_verify(a, &s);
	slice_unlock(&s);
out:
	close(go[0]);
	close(go[1]);
	return error;
}

static _Noreturn void churn_until_killed(struct actor *a, const struct slice *s, int progress)
{
	child_begin(a, "fork-kill (child)");
	for (;;) {
		churn(a, s);
		if (write(progress, "", 1) != 1)
			_exit(EXIT_RIGHT);
	}
}

/* The child dies in the middle of its copies; the parent must not notice. */
int op_fork_kill(struct actor *a)
{
	struct slice s = slice_pick(a, SLICE_PAGES);
	uint32_t rounds = 1 + rng_below(&a->rng, MAX_PROGRESS / s.count + 1);
	int progress[2], status, error = 0;
	pid_t pid;

	if (pipe2(progress, O_CLOEXEC))
		return refused("pipe");
	slice_lock(&s, true);
	pid = fork();
	if (!pid)
		churn_until_killed(a, &s, progress[1]);
	close(progress[1]);
	if (pid < 0) {
		error = refused("fork");
		goto out;
	}
	for (char byte; rounds; rounds--) {
		ssize_t n = read(progress[0], &byte, 1);

		if (n < 0)
			die_errno("read");
		if (!n)
			break;
	}
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) < 0)
		die_errno("waitpid");
	if (WIFEXITED(status))
		_exit(EXIT_WRONG);
	slice_verify(a, &s);
out:
	slice_unlock(&s);
	close(progress[0]);
	return error;
}
