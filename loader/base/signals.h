/* SPDX-License-Identifier: GPL-2.0-only */
/* The signals that ask a program to end: SIGINT, SIGTERM and SIGHUP. */
#ifndef MAGE_BASE_SIGNALS_H
#define MAGE_BASE_SIGNALS_H

#include <signal.h>

/* One has asked for the end; signals_catch() lets it, but not SIGHUP if that was ignored before. */
extern volatile sig_atomic_t ended;
void signals_catch(void);

/* Keeps them waiting; *before, unless it is NULL, becomes what was blocked until now. */
void signals_block(sigset_t *before);
/* The number of one that waits, or 0. */
int signals_pending(void);

#endif
