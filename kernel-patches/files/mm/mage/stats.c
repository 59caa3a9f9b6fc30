// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: sums over the CPUs' counters.
 */
#include "stats.h"

/**
 * mage_stat_sum() - a domain's counter
 * @stats: the domain's
 * @stat: which
 */
u64 mage_stat_sum(struct mage_stats __percpu *stats, enum mage_stat stat)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(stats, cpu)->counter[stat]);
	return sum;
}

/**
 * mage_departures_sum() - pages that have left a domain
 * @stats: the domain's
 *
 * Return: the sum, each CPU's share read at another moment
 */
u64 mage_departures_sum(struct mage_stats __percpu *stats)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(stats, cpu)->departures);
	return sum;
}

/**
 * mage_latency_bucket() - the bucket that counts a latency
 * @ns: nanoseconds
 *
 * The inverse of mage_latency_floor().
 */
unsigned int mage_latency_bucket(u64 ns)
{
	unsigned int octave, bucket;

	if (ns < 1 << MAGE_LATENCY_SUB_BITS)
		return ns;
	octave = fls64(ns) - MAGE_LATENCY_SUB_BITS;
	bucket = (octave << MAGE_LATENCY_SUB_BITS) +
		 ((ns >> (octave - 1)) & ((1 << MAGE_LATENCY_SUB_BITS) - 1));
	return min(bucket, MAGE_LATENCY_BUCKETS - 1);
}

static void mage_buckets_add(u64 *buckets, const u64 *more)
{
	unsigned int i;

	for (i = 0; i < MAGE_LATENCY_BUCKETS; i++)
		buckets[i] += READ_ONCE(more[i]);
}

/**
 * mage_latency_sum() - the fault latencies of a governed cgroup
 * @stats: its root's
 * @buckets: array of MAGE_LATENCY_BUCKETS, overwritten
 */
void mage_latency_sum(struct mage_root_stats __percpu *stats, u64 *buckets)
{
	int cpu;

	memset(buckets, 0, MAGE_LATENCY_BUCKETS * sizeof(*buckets));
	for_each_possible_cpu(cpu)
		mage_buckets_add(buckets, per_cpu_ptr(stats, cpu)->fault);
}

/**
 * mage_wait_latency_sum() - how long threads of a governed cgroup have waited for room
 * @stats: its root's
 * @buckets: array of MAGE_LATENCY_BUCKETS, overwritten
 */
void mage_wait_latency_sum(struct mage_root_stats __percpu *stats, u64 *buckets)
{
	int cpu;

	memset(buckets, 0, MAGE_LATENCY_BUCKETS * sizeof(*buckets));
	for_each_possible_cpu(cpu)
		mage_buckets_add(buckets, per_cpu_ptr(stats, cpu)->wait);
}

/**
 * mage_callback_sum() - the calls of each callback
 * @stats: those of a governed cgroup
 * @sum: array of MAGE_CALLBACKS, overwritten
 */
void mage_callback_sum(struct mage_root_stats __percpu *stats, struct mage_callback_stats *sum)
{
	unsigned int i;
	int cpu;

	memset(sum, 0, MAGE_CALLBACKS * sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct mage_callback_stats *share = per_cpu_ptr(stats, cpu)->callback;

		for (i = 0; i < MAGE_CALLBACKS; i++) {
			sum[i].calls += READ_ONCE(share[i].calls);
			sum[i].errors += READ_ONCE(share[i].errors);
			sum[i].ns += READ_ONCE(share[i].ns);
		}
	}
}

/**
 * mage_root_stats_clear() - begin anew
 * @stats: those of a cgroup that is going to be governed; nobody counts in them
 */
void mage_root_stats_clear(struct mage_root_stats __percpu *stats)
{
	int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(stats, cpu), 0, sizeof(*stats));
}
