/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what a domain counts.
 */
#ifndef _MM_MAGE_STATS_H
#define _MM_MAGE_STATS_H

#include <linux/mage_policy.h>
#include <linux/percpu.h>

/**
 * enum mage_stat - what a domain counts; the names are those of
 *	enum mage_domain_attr
 */
enum mage_stat {
	MAGE_STAT_FAULTS,
	MAGE_STAT_FIRST_TOUCHES,
	MAGE_STAT_EVICTIONS,
	MAGE_STAT_CLEAN_DROPS,
	MAGE_STAT_RESCUES,
	MAGE_STAT_EXCLUDED,
	MAGE_STAT_STOCK_RECLAIMED,
	MAGE_STAT_WRITE_ERRORS,
	MAGE_STAT_READ_ERRORS,
	MAGE_STAT_WAITS,
	MAGE_STAT_WAIT_NS,
	MAGE_STAT_FALLBACKS,
	MAGE_STAT_BATCHES,
	MAGE_STAT_SWAPS,
	MAGE_STAT_EJECTIONS,
	MAGE_STAT_UNGOVERNED,
	MAGE_STAT_CLEAN_COPIES,
	MAGE_STAT_SPARED,
	MAGE_STAT_PREFETCHED,
	MAGE_STAT_PREFETCH_HITS,
	MAGE_STAT_PREFETCH_WASTE,
	MAGE_STAT_REFAULTS,
	MAGE_STAT_REFAULT_DISTANCE,
	MAGE_STAT_SELF_EVICTIONS,
	MAGE_STAT_PICKS,
	MAGE_STAT_NO_PLACE,
	MAGE_STAT_GONE,
	MAGE_STAT_REFUSED_FULL,
	MAGE_STAT_REFUSED_GONE,
	MAGE_STAT_REFUSED_TAKEN,
	MAGE_STAT_REFUSED_FOREIGN,
	MAGE_STAT_REFUSED_NODE,
	MAGE_STAT_FAULT_NS,
	MAGE_STAT_CLEANED,
	MAGE_STAT_POOL_GIVEN,
	MAGE_STAT_POOL_HITS,
	MAGE_STAT_POOL_DRAINED,
	MAGE_STAT_NR,
};

/**
 * struct mage_stats - one CPU's share of a domain's counters; the sum counts
 * @counter: by enum mage_stat
 * @arrivals: pages that came in on this CPU
 * @departures: pages that left on this CPU, and of which the policy has been told
 *
 * No lock: each CPU adds to its own, and the reader of a sum takes each share as it
 * is at some moment.
 */
struct mage_stats {
	u64 counter[MAGE_STAT_NR];
	u64 arrivals;
	u64 departures;
};

/**
 * struct mage_root_stats - one CPU's share of what is counted for a governed cgroup only
 * @fault: histogram of faults, see MAGE_LATENCY_BUCKETS
 * @wait: of waits for room, likewise
 * @callback: of the calls of each callback, whatever policy governs
 *
 * Of the whole tree below it, as they are twelve times as large as the counters.
 */
struct mage_root_stats {
	u64 fault[MAGE_LATENCY_BUCKETS];
	u64 wait[MAGE_LATENCY_BUCKETS];
	struct mage_callback_stats callback[MAGE_CALLBACKS];
};

static inline void mage_count_add(struct mage_stats __percpu *stats, enum mage_stat stat, u64 n)
{
	this_cpu_add(stats->counter[stat], n);
}

static inline void mage_count(struct mage_stats __percpu *stats, enum mage_stat stat)
{
	mage_count_add(stats, stat, 1);
}

/*
 * Pages have left, and the policy knows.  Before they are freed: who finds one of
 * them with another owner is to find it counted.
 */
static inline void mage_count_departures(struct mage_stats __percpu *stats, u64 nr)
{
	this_cpu_add(stats->departures, nr);
	/* Pairs with the barrier of who has seen the new owner. */
	smp_wmb();
}

u64 mage_stat_sum(struct mage_stats __percpu *stats, enum mage_stat stat);
u64 mage_departures_sum(struct mage_stats __percpu *stats);
unsigned int mage_latency_bucket(u64 ns);
void mage_latency_sum(struct mage_root_stats __percpu *stats, u64 *buckets);
void mage_wait_latency_sum(struct mage_root_stats __percpu *stats, u64 *buckets);
void mage_callback_sum(struct mage_root_stats __percpu *stats, struct mage_callback_stats *sum);
void mage_root_stats_clear(struct mage_root_stats __percpu *stats);

#endif /* _MM_MAGE_STATS_H */
