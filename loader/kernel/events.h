/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel says by itself: that the state of a far device, or of a leg, has changed. */
#ifndef MAGE_KERNEL_EVENTS_H
#define MAGE_KERNEL_EVENTS_H

#include "base/exit_codes.h"

struct events;

/*
 * Listens from now on; so who asks for the state after this misses no change.  Reports on behalf
 * of @what.
 */
enum rc events_open(const char *what, struct events **events);
void events_close(struct events *events);

/* A descriptor that can be read from when there was one; NULL has none, -1. */
int events_fd(const struct events *events);

/* Takes those that there are; that some were lost does not matter, as the state is asked for. */
void events_take(struct events *events);

#endif
