/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: how a thread is told that there may be work.
 */
#ifndef _MM_MAGE_BELL_H
#define _MM_MAGE_BELL_H

#include <linux/rcuwait.h>
#include <linux/types.h>

/**
 * struct mage_bell - how a thread is told that there may be work
 * @rung: there may be; set by anybody, cleared by the thread
 * @wait: where it sleeps, the one that the bell is for.  No wait queue: those have
 *	a lock that sleeps on PREEMPT_RT, and a shootdown's interrupt rings bells.
 */
struct mage_bell {
	bool rung;
	struct rcuwait wait;
};

void mage_bell_init(struct mage_bell *bell);
void mage_bell_ring(struct mage_bell *bell);

#endif /* _MM_MAGE_BELL_H */
