// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: how a thread is told that there may be work.
 */
#include <linux/sched.h>
#include "bell.h"

/**
 * mage_bell_init() - make a bell
 * @bell: zeroed
 */
void mage_bell_init(struct mage_bell *bell)
{
	init_waitqueue_head(&bell->wait);
}

/**
 * mage_bell_ring() - there may be work
 * @bell: the bell; its owner stays at least until the end of the call
 *
 * Any context, interrupts included.
 */
void mage_bell_ring(struct mage_bell *bell)
{
	/* The store before the wake-up, against the wait_event() condition. */
	WRITE_ONCE(bell->rung, true);
	wake_up(&bell->wait);
}
