// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stddef.h>

#include "base/signals.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

#define NR_SIGNALS (sizeof(signals) / sizeof(signals[0]))

volatile sig_atomic_t ended;

static void end(int number)
{
	(void)number;
	ended = 1;
}

/* nohup(1) and the like: who is to live on without his terminal does. */
static bool is_ignored(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* Without SA_RESTART: who waits is to wake up. */
void signals_catch(void)
{
	const struct sigaction action = { .sa_handler = end };

	for (size_t i = 0; i < NR_SIGNALS; i++) {
		if (signals[i] != SIGHUP || !is_ignored(SIGHUP))
			sigaction(signals[i], &action, NULL);
	}
}

void signals_block(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < NR_SIGNALS; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

int signals_pending(void)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < NR_SIGNALS; i++) {
		if (sigismember(&pending, signals[i]))
			return signals[i];
	}
	return 0;
}
