/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: how a thread is told that there may be work.
 */
#ifndef _MM_MAGE_BELL_H
#define _MM_MAGE_BELL_H

#include <linux/types.h>
#include <linux/wait.h>

/**
 * struct mage_bell - how a thread is told that there may be work
 * @rung: there may be; set by anybody, cleared by the thread
 * @wait: where it sleeps
 */
struct mage_bell {
	bool rung;
	wait_queue_head_t wait;
};

void mage_bell_init(struct mage_bell *bell);
void mage_bell_ring(struct mage_bell *bell);

#endif /* _MM_MAGE_BELL_H */
