// SPDX-License-Identifier: GPL-2.0-only
/*
 * hermit - feedback says how many evictors run, and how early
 *
 * Algorithm:	high is 128 pages for each time that pages come in faster than they go
 *		out, low is 16 times that.  With more room than low nobody evicts; down to
 *		high one evictor does; below, one more for each 128 pages missing.  Low
 *		grows, a 2,000th of the pages in use at a time, while the refault distance
 *		does not fall, and starts again when it does.  A thread that meets the limit
 *		evicts 32 pages itself.  Batches of 32.  Victims as stock Linux chooses
 *		them, see active_inactive.bpf.h.
 * Source:	Y. Qiao, C. Wang, Z. Ruan, A. Belay, Q. Lu, Y. Zhang, M. Kim, G. H. Xu,
 *		"Hermit: Low-Latency, High-Throughput, and Transparent Remote Memory via
 *		Feedback-Directed Asynchrony", NSDI 2023.
 * When:	load that changes, on cores that are not the evictors' alone.
 * Approximates: evictors stay on the CPUs that were chosen for them, and there are no more
 *		than those.  They are asked before each batch and not at each charge.  Low is
 *		at most an eighth of the limit, and its room is the headroom, so that with
 *		more than low none runs.  The refault distance is the mean of a tick's.
 *		Demand reads ahead of the charge, and addresses kept to find mappings
 *		faster, are mechanism.
 */
#include "mage.bpf.h"
#include "active_inactive.bpf.h"
#include "prefetch.bpf.h"

enum {
	RATE_NS = 1000000, /* rates are estimated so often */
	USAGE_SHARE = 2000,
};

MAGE_TUNABLE(u32, step, 128, 1, 4096, "pages missing for which one more evictor runs");
MAGE_TUNABLE(u32, low_factor, 16, 1, 64, "the low watermark, as a multiple of the high one");
MAGE_TUNABLE(u32, batch, 32, 1, 512, "pages in a batch, and pages that a thread evicts itself");
MAGE_TUNABLE(u32, evictors, 16, 1, 32, "evictors that may run at a time, if there are as many");

/* How many times faster pages come in than they go out, 1 to the evictors that may run. */
u64 in_out = 1;
/* When that was estimated last, and the counters then. */
u64 rate_at, rate_in, rate_out;
/* What is added to the low watermark, and what its growth goes by. */
u64 low_extra, last_distance;

static u64 hermit_high(void)
{
	return in_out * step;
}

/* Several evictors may come here at a time; whoever sets the time does the work. */
static void hermit_estimate(struct mage_domain *domain, u32 most)
{
	u64 now = bpf_ktime_get_ns(), at = rate_at, in, out, in_rate, out_rate, ratio;

	if (now - at < RATE_NS || __sync_val_compare_and_swap(&rate_at, at, now) != at)
		return;
	in = mage_counter(domain, MAGE_COUNTER_FAULTS) + mage_counter(domain, MAGE_COUNTER_NEW) +
	     mage_counter(domain, MAGE_COUNTER_PREFETCHED);
	out = mage_counter(domain, MAGE_COUNTER_EVICTIONS);
	in_rate = in - rate_in;
	out_rate = out - rate_out;
	rate_in = in;
	rate_out = out;
	if (!at)
		return;
	ratio = !in_rate ? 1 : out_rate ? in_rate / out_rate : most;
	in_out = ratio < 1 ? 1 : ratio > most ? most : ratio;
}

u32 MAGE_OP(hermit_evictors, struct mage_domain *domain)
{
	u32 there = mage_evictors_count(), most = evictors < there ? evictors : there;
	s64 room = mage_room(domain), high;
	u64 wanted;

	if (most < 1)
		most = 1;
	hermit_estimate(domain, most);
	high = hermit_high();
	/* Above low nobody asks. */
	if (room >= high)
		return 1;
	wanted = (u64)(high - room) / step;
	return wanted < 1 ? 1 : wanted > most ? most : wanted;
}

u64 MAGE_OP(hermit_headroom, struct mage_domain *domain, u64 limit)
{
	u64 low = hermit_high() * low_factor + low_extra;

	return low < limit / 8 ? low : limit / 8;
}

void MAGE_OP(hermit_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	u64 distance;

	if (!rates->refaults)
		return;
	distance = rates->refault_distance / rates->refaults;
	if (distance < last_distance)
		low_extra = 0;
	else if (low_extra < rates->limit / 8)
		low_extra += rates->frames / USAGE_SHARE;
	last_distance = distance;
}

u32 MAGE_OP(hermit_no_room, struct mage_domain *domain, u32 nr)
{
	return batch;
}

u32 MAGE_OP(hermit_depth, struct mage_domain *domain)
{
	return 1;
}

u32 MAGE_OP(hermit_batch_size, struct mage_domain *domain, u32 wanted)
{
	return batch;
}

MAGE_POLICY(hermit, ACTIVE_INACTIVE, MAGE_PREFETCH, .evictors = (void *)hermit_evictors,
	    .headroom = (void *)hermit_headroom, .tick = (void *)hermit_tick,
	    .no_room = (void *)hermit_no_room, .depth = (void *)hermit_depth,
	    .batch_size = (void *)hermit_batch_size);
