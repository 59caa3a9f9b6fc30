/* SPDX-License-Identifier: GPL-2.0-only */
/* A command in a cgroup, and the signals meant for it. */
#ifndef MAGE_DOMAINS_RUN_CHILD_H
#define MAGE_DOMAINS_RUN_CHILD_H

#include <signal.h>
#include <sys/types.h>

struct run_child {
	pid_t pid;
	sigset_t before; /* signals that were blocked when mage started */
};

/*
 * Blocks the signals that are to be passed on, so that none can end mage before it has
 * cleaned up.
 */
void run_child_hold_signals(struct run_child *child);

/* A signal that arrived meanwhile and would have ended mage, or 0. */
int run_child_pending(void);

/* Starts the command; 0, or the errno value of what went wrong in the child. */
int run_child_start(struct run_child *child, const char *cgroup, char **command);

/* Passes signals on until the command has ended: its status, or 128 and the signal's number. */
int run_child_wait(const struct run_child *child);

#endif
