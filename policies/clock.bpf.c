// SPDX-License-Identifier: GPL-2.0-only
/*
 * clock - second chance by the accessed bit
 *
 * Algorithm:	as fifo, but a page whose accessed bit is set when its turn comes
 *		loses the bit and goes to the end of the queue instead.
 * Source:	F. J. Corbato, "A Paging Experiment with the Multics System", 1968.
 * When:	a hot set is used again and again among colder pages.
 * Approximates: LRU; the order holds within a shard of the domain, and the
 *		shards take turns.
 */
#include "prefetch.bpf.h"

void MAGE_OP(clock_select, struct mage_domain *domain, struct mage_batch *batch)
{
	mage_batch_add_list(batch, 0, batch->max);
}

/* The second chance: a victim whose accessed bit is set goes to the tail. */
MAGE_POLICY(clock, .select = (void *)clock_select, MAGE_PREFETCH, .flags = MAGE_OPS_SPARE_YOUNG);
