// SPDX-License-Identifier: GPL-2.0-only
/* Reporting: one error only, as precise as it can be, then the end of the run. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "region.h"
#include "report.h"

static atomic_flag reporting = ATOMIC_FLAG_INIT;
static _Thread_local bool is_reporter;

/* A second thread with an error waits for the first one's report to end the process. */
static void only_reporter(void)
{
	/* An error while it reports one: what it has said until then is the report. */
	if (is_reporter)
		_exit(EXIT_WRONG);
	while (atomic_flag_test_and_set(&reporting))
		pause();
	is_reporter = true;
}

static void say(const char *kind, const char *fmt, va_list args)
{
	char line[512];

	vsnprintf(line, sizeof(line), fmt, args);
	dprintf(STDERR_FILENO, "torture: %s: %s\n", kind, line);
}

void die(const char *fmt, ...)
{
	va_list args;

	only_reporter();
	va_start(args, fmt);
	say("FAIL", fmt, args);
	va_end(args);
	_exit(EXIT_WRONG);
}

void die_errno(const char *what)
{
	die("%s: %s", what, strerror(errno));
}

void bad_setup(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("error", fmt, args);
	va_end(args);
	_exit(EXIT_SETUP);
}

static void hexdump(const unsigned char *at, size_t bytes)
{
	for (size_t row = 0; row < bytes; row += 16) {
		char line[80];
		int n = snprintf(line, sizeof(line), "  %04zx ", row);

		for (size_t i = row; i < row + 16; i++)
			n += snprintf(line + n, sizeof(line) - (size_t)n, " %02x", at[i]);
		dprintf(STDERR_FILENO, "%s\n", line);
	}
}

static void say_difference(const union page *want, const union page *got)
{
	size_t first = PAGE_BYTES, last = 0, count = 0;

	for (size_t i = 0; i < PAGE_BYTES; i++) {
		if (got->byte[i] == (want ? want->byte[i] : 0))
			continue;
		if (!count)
			first = i;
		last = i;
		count++;
	}
	dprintf(STDERR_FILENO, "torture: %zu bytes differ, the first at %zu, the last at %zu\n",
		count, first, last);
}

void die_page(const struct page_report *r)
{
	enum page_fault kind = page_classify(r->want, r->got, r->owner);
	union page again;

	only_reporter();
	dprintf(STDERR_FILENO,
		"torture: FAIL: %s: address %p page %u: %s\n"
		"torture: version expected %u found %u, owner expected %u found %u, "
		"bumps expected %llu found %llu, found index %u (pid %d)\n",
		r->doing, r->address, r->index, page_fault_name(kind),
		r->want ? r->want->head.version : 0, r->got->head.version, r->owner,
		r->got->head.owner, (unsigned long long)(r->want ? r->want->head.bumps : 0),
		(unsigned long long)r->got->head.bumps, r->got->head.index, getpid());
	say_difference(r->want, r->got);
	hexdump(r->got->byte, 64);
	if (r->want) {
		dprintf(STDERR_FILENO, "torture: expected:\n");
		hexdump(r->want->byte, 64);
	}
	dprintf(STDERR_FILENO, "torture: a second read finds %s\n",
		!guard_copy(r->index, r->again, &again, r->again, sizeof(again)) ? "SIGBUS" :
		!memcmp(&again, r->got, sizeof(again))				 ? "the same" :
		r->want && page_same(r->want, &again, false) ? "the right page" :
		page_is_zero(&again)			     ? "zero" :
							       "something else again");
	_exit(EXIT_WRONG);
}

int reap(pid_t pid, const char *what)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			die_errno("waitpid");
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_WRONG)
		_exit(EXIT_WRONG);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NEVER)
		return EPERM;
	if (WIFEXITED(status) && WEXITSTATUS(status))
		die("%s: child ended with status %d", what, WEXITSTATUS(status));
	if (WIFSIGNALED(status))
		die("%s: child was killed by signal %d", what, WTERMSIG(status));
	return 0;
}

int refused(const char *what)
{
	switch (errno) {
	case EAGAIN:
	case ENOMEM:
	case EBUSY:
	case EPERM:
	case EACCES:
	case ENOSYS:
		return errno;
	}
	die_errno(what);
}

/*
 * A fault that the kernel could not serve arrives as a signal: as bad as a wrong byte, unless it is
 * to be expected.
 */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	long index = region_index(info->si_addr);

	(void)context;
	if (sig == SIGBUS)
		guard_signal(info);
	if (index >= 0)
		die("signal %d (code %d) at address %p page %ld", sig, info->si_code, info->si_addr,
		    index);
	die("signal %d (code %d) at address %p outside of the region", sig, info->si_code,
	    info->si_addr);
}

void report_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (sigaction(SIGSEGV, &action, NULL) || sigaction(SIGBUS, &action, NULL))
		bad_setup("sigaction: %s", strerror(errno));
}
