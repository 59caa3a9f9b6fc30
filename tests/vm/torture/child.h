/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TORTURE_CHILD_H
#define TORTURE_CHILD_H

struct actor;

/* What a forked child does first: dies with its parent, and owns what it writes. */
void child_begin(struct actor *a, const char *doing);

#endif
