/* SPDX-License-Identifier: GPL-2.0-only */
/* For policies that never return by themselves. */
#ifndef ENDLESS_BPF_H
#define ENDLESS_BPF_H

#include "mage.bpf.h"

#define ENDLESS_ROUNDS (1 << 30)

u64 endless_rounds;

/* 1 once one has begun, 2 once the kernel has ended its loops; for who looks on. */
u32 endless_stage;

/* 2^90 rounds. */
static __always_inline void think_for_ever(void)
{
	int i, j, k;

	endless_stage = 1;
	mage_for (i, 0, ENDLESS_ROUNDS) {
		mage_for (j, 0, ENDLESS_ROUNDS) {
			mage_for (k, 0, ENDLESS_ROUNDS)
				endless_rounds++;
		}
	}
	endless_stage = 2;
}

#endif
