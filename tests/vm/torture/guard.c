// SPDX-License-Identifier: GPL-2.0-only
/* Accesses to the region that may raise SIGBUS, and the account of those that did. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guard.h"
#include "page.h"
#include "report.h"

enum {
	SEEN = 1,
	UNREADABLE = 2,
};

/* The access that this thread is making. */
static _Thread_local struct {
	sigjmp_buf back;
	const char *volatile page;
	unsigned int phase;
} now;

static bool on;
static atomic_uint phase; /* odd while errors are to be expected */
static _Atomic uint8_t *marks;
static _Atomic uint64_t signals, seen, unreadable;

void guard_on(void)
{
	on = true;
	/* A page of its own that cannot be read would end the program, not show that one is lost. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		dprintf(STDERR_FILENO, "torture: the program is not locked: %s\n", strerror(errno));
}

bool guard_is_on(void)
{
	return on;
}

void guard_create(uint32_t pages)
{
	if (!on)
		return;
	marks = calloc(pages, sizeof(*marks));
	if (!marks)
		bad_setup("out of memory");
}

void guard_expect(bool errors)
{
	if (errors != guard_expects_errors())
		phase++;
}

bool guard_expects_errors(void)
{
	return phase & 1;
}

static void count(uint32_t index)
{
	uint8_t old = atomic_fetch_or(&marks[index], SEEN | UNREADABLE);

	signals++;
	seen += !(old & SEEN);
	unreadable += !(old & UNREADABLE);
}

static void count_success(uint32_t index)
{
	if (marks[index] & UNREADABLE &&
	    atomic_fetch_and(&marks[index], (uint8_t)~UNREADABLE) & UNREADABLE)
		unreadable--;
}

/* The fences keep the access between them, as the signal handler sees it. */
static void begin(const void *page)
{
	now.phase = phase;
	now.page = page;
	atomic_signal_fence(memory_order_seq_cst);
}

static void end(uint32_t index)
{
	atomic_signal_fence(memory_order_seq_cst);
	now.page = NULL;
	count_success(index);
}

bool guard_copy(uint32_t index, const void *page, void *to, const void *from, size_t bytes)
{
	if (!on) {
		memcpy(to, from, bytes);
		return true;
	}
	if (sigsetjmp(now.back, 0)) {
		count(index);
		return false;
	}
	begin(page);
	memcpy(to, from, bytes);
	end(index);
	return true;
}

bool guard_add_one(uint32_t index, const void *page, uint64_t *word)
{
	if (!on) {
		__atomic_fetch_add(word, 1, __ATOMIC_RELAXED);
		return true;
	}
	if (sigsetjmp(now.back, 0)) {
		count(index);
		return false;
	}
	begin(page);
	__atomic_fetch_add(word, 1, __ATOMIC_RELAXED);
	end(index);
	return true;
}

void guard_signal(const siginfo_t *info)
{
	const char *at = info->si_addr, *page = now.page;
	unsigned int current = phase;

	if (!page || at < page || at >= page + PAGE_BYTES)
		return;
	/* An access may have begun, or ended, when errors were to be expected. */
	if (!(current & 1) && current == now.phase)
		return;
	now.page = NULL;
	siglongjmp(now.back, 1);
}

struct guard_counts guard_counts(void)
{
	return (struct guard_counts){ signals, seen, unreadable };
}
