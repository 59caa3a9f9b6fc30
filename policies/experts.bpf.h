/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two experts, by recency and by frequency, of which the one that is wrong is heard less: for
 * lecar and cacheus.
 */
#ifndef _EXPERTS_BPF_H
#define _EXPERTS_BPF_H

#include "mage.bpf.h"

/* Fractions are of this. */
#define ONE (1U << 16)
#define WEIGHT_LEAST (ONE / 100)

/* What is noted of a victim in the low half of a word: who named it, alone. */
#define BY_RECENCY (1U << 31)
#define BY_FREQUENCY (1U << 30)

/* Weight of the expert by recency; the other has the rest. */
u32 recency = ONE / 2;

MAGE_COUNTER(u64, recency_regrets, "pages", "came back that were evicted as the oldest");
MAGE_COUNTER(u64, frequency_regrets, "pages", "came back that were evicted as the rarest");

/* e^x, by the first terms of its series, for an x up to 1. */
static u64 exponential(u64 x)
{
	u64 square = x * x / ONE;

	return ONE + x + square / 2 + square * x / ONE / 6;
}

/* What an expert evicted came back: the other one gains, by e to the power of a rate up to 1. */
static void regret(bool by_recency, u64 rate)
{
	u64 own = by_recency ? recency : ONE - recency;
	u64 other = (ONE - own) * exponential(rate) / ONE;

	own = own * ONE / (own + other);
	own = own < WEIGHT_LEAST ? WEIGHT_LEAST : own;
	recency = by_recency ? own : ONE - own;
	__sync_fetch_and_add(by_recency ? &recency_regrets : &frequency_regrets, 1);
}

/* Whether the expert by recency is heard this time. */
static bool draw_recency(void)
{
	return (bpf_get_prandom_u32() & (ONE - 1)) < recency;
}

#endif /* _EXPERTS_BPF_H */
