/* SPDX-License-Identifier: GPL-2.0-only */
/* For policies that never return by themselves. */
#ifndef ENDLESS_BPF_H
#define ENDLESS_BPF_H

#include "mage.bpf.h"

#define ENDLESS_ROUNDS (1 << 30)

u64 endless_rounds;

/* 2^90 rounds. */
static __always_inline void think_for_ever(void)
{
	int i, j, k;

	mage_for (i, 0, ENDLESS_ROUNDS) {
		mage_for (j, 0, ENDLESS_ROUNDS) {
			mage_for (k, 0, ENDLESS_ROUNDS)
				endless_rounds++;
		}
	}
}

#endif
