// SPDX-License-Identifier: GPL-2.0-only
/* Thinks for two seconds of CPU time before it picks: MAGE_EXIT_OVER_BUDGET. */
#include "mage.bpf.h"

/* As many rounds as bpf_loop() makes; how long they take depends on the machine. */
#define ROUNDS (1 << 23)

/* What the rule counts is CPU time, so that is what ends the loops: the clock tick adds to it. */
static u64 cpu_time(void)
{
	return bpf_get_current_task_btf()->stime;
}

static long think(u32 i, void *end)
{
	/* 1 ends the loop. */
	return cpu_time() > *(u64 *)end;
}

static long think_on(u32 i, void *end)
{
	bpf_loop(ROUNDS, think, end, 0);
	return cpu_time() > *(u64 *)end;
}

void MAGE_OP(dawdle_select, struct mage_domain *domain, struct mage_batch *batch)
{
	/* Each thread's own: evictors call, and threads that evict for themselves. */
	u64 end = cpu_time() + 2000000000ULL;
	struct mage_frame *frame;

	bpf_loop(ROUNDS, think_on, &end, 0);
	mage_for_each (frame, batch, 0)
		mage_batch_add(batch, frame);
}

MAGE_POLICY(dawdle, .select = (void *)dawdle_select);
