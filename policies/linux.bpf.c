// SPDX-License-Identifier: GPL-2.0-only
/*
 * linux - stock reclaim by active and inactive lists
 *
 * Algorithm:	see active_inactive.bpf.h for the victims.  Nothing is evicted before the
 *		limit is met; then the thread that needs room evicts 32 pages itself.
 * Source:	Linux 6.12, mm/vmscan.c and mm/workingset.c.
 * When:	to compare with; what the kernel does without Mage.
 * Approximates: the evictors are not used, but for requests to reclaim and when a thread
 *		finds nothing that it could evict.  Pages that a thread evicts itself
 *		go the stock way (swap cache, unmap, shootdown, write), a batch at a time.
 *		Where the kernel shrinks other caches in proportion, here only the
 *		domain's pages are evicted.
 */
#include "mage.bpf.h"
#include "active_inactive.bpf.h"
#include "prefetch.bpf.h"

enum {
	SWAP_CLUSTER_MAX = 32,
};

u32 MAGE_OP(linux_no_room, struct mage_domain *domain, u32 nr)
{
	return SWAP_CLUSTER_MAX;
}

u32 MAGE_OP(linux_evictors, struct mage_domain *domain)
{
	return 0;
}

u32 MAGE_OP(linux_depth, struct mage_domain *domain)
{
	return 1;
}

/* Clamped by the kernel to what it needs; see linux_evictors. */
u64 MAGE_OP(linux_headroom, struct mage_domain *domain, u64 limit)
{
	return 0;
}

u32 MAGE_OP(linux_batch_size, struct mage_domain *domain, u32 wanted)
{
	return SWAP_CLUSTER_MAX;
}

MAGE_POLICY(linux, ACTIVE_INACTIVE, MAGE_PREFETCH, .no_room = (void *)linux_no_room,
	    .evictors = (void *)linux_evictors, .depth = (void *)linux_depth,
	    .headroom = (void *)linux_headroom, .batch_size = (void *)linux_batch_size);
