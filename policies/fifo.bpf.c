// SPDX-License-Identifier: GPL-2.0-only
/*
 * fifo - first in, first out
 *
 * Algorithm:	pages leave in the order in which they arrived, whatever use is
 *		made of them.
 * Source:	the oldest there is; Mage-Linux (SOSP'25) evicts so, sharded.
 * When:	scans, and whenever nothing about the past tells the future; it
 *		looks at no page table, so it is the cheapest to run.
 * Approximates: the order holds within a shard of the domain, and the shards
 *		take turns.
 */
#include "prefetch.bpf.h"

void MAGE_OP(fifo_select, struct mage_domain *domain, struct mage_batch *batch)
{
	mage_batch_add_list(batch, 0, batch->max);
}

MAGE_POLICY(fifo, .select = (void *)fifo_select, MAGE_PREFETCH);
