/* SPDX-License-Identifier: GPL-2.0-only */
/* A clock that nobody sets. */
#ifndef MAGE_BASE_CLOCK_H
#define MAGE_BASE_CLOCK_H

/* Its time, in seconds. */
double clock_seconds(void);

/* Sleeps until then, or until the end is asked for. */
void clock_wait(double until);

#endif
