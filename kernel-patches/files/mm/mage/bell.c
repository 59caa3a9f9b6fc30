// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: how a thread is told that there may be work.
 */
#include "bell.h"

/**
 * mage_bell_init() - make a bell
 * @bell: zeroed
 */
void mage_bell_init(struct mage_bell *bell)
{
	rcuwait_init(&bell->wait);
}

/**
 * mage_bell_ring() - there may be work
 * @bell: the bell; its owner stays at least until the end of the call
 *
 * Any context, interrupts included.
 */
void mage_bell_ring(struct mage_bell *bell)
{
	/* The store before the wake-up, against the thread's look before it sleeps. */
	WRITE_ONCE(bell->rung, true);
	rcuwait_wake_up(&bell->wait);
}
