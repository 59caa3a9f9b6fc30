// SPDX-License-Identifier: GPL-2.0-only
/*
 * fastswap - one evictor behind a high mark, and the faulter helps when it falls behind
 *
 * Algorithm:	one evictor works while more than the high mark is in use, 64 pages at a
 *		time.  When use is over the mark by 2,048 pages the thread that asks for
 *		more evicts 2,048 itself.  Victims as stock Linux chooses them, see
 *		active_inactive.bpf.h.
 * Source:	E. Amaro, C. Branner-Augmon, Z. Luo, A. Ousterhout, M. K. Aguilera, A. Panda,
 *		S. Ratnasamy, S. Shenker, "Can Far Memory Improve Job Throughput?",
 *		EuroSys 2020.
 * When:	few threads that fault, so that one evictor keeps up.
 * Approximates: the mark is not memory.high: it lies 2,048 pages below the limit, or an
 *		eighth of the limit if that is less.  So the limit is where the faulter begins.
 *		There it evicts before it gets its page and not on its way back to user mode.
 *		The evictor's worker stops after 2,048 pages to be queued again; here
 *		it goes on.  What it does to a batch (one write posted, then awaited) is
 *		mechanism, expressed by one batch in flight.
 */
#include "mage.bpf.h"
#include "active_inactive.bpf.h"
#include "prefetch.bpf.h"

MAGE_TUNABLE(u32, excess, 2048, 32, 4096,
	     "pages over the high mark at which the faulting thread evicts, and how many then");
MAGE_TUNABLE(u32, batch, 64, 1, 512, "pages in a batch");

static u64 fastswap_excess(u64 limit)
{
	u64 most = limit / 8;

	return excess < most ? excess : most;
}

u32 MAGE_OP(fastswap_no_room, struct mage_domain *domain, u32 nr)
{
	u64 pages = fastswap_excess(mage_limit(domain));

	return pages < 1 ? 1 : pages > MAGE_SELF_MAX ? MAGE_SELF_MAX : pages;
}

u32 MAGE_OP(fastswap_evictors, struct mage_domain *domain)
{
	return 1;
}

u32 MAGE_OP(fastswap_depth, struct mage_domain *domain)
{
	return 1;
}

u64 MAGE_OP(fastswap_headroom, struct mage_domain *domain, u64 limit)
{
	return fastswap_excess(limit);
}

u32 MAGE_OP(fastswap_batch_size, struct mage_domain *domain, u32 wanted)
{
	return batch;
}

MAGE_POLICY(fastswap, ACTIVE_INACTIVE, MAGE_PREFETCH, .no_room = (void *)fastswap_no_room,
	    .evictors = (void *)fastswap_evictors, .depth = (void *)fastswap_depth,
	    .headroom = (void *)fastswap_headroom, .batch_size = (void *)fastswap_batch_size);
