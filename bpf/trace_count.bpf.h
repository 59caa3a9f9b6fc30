/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the trace programs that count share: the maps "counts" and "lost", and trace_count(). A
 * CPU counts for itself, so that tracing adds no line that CPUs contend for.
 */
#ifndef MAGE_TRACE_COUNT_BPF_H
#define MAGE_TRACE_COUNT_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "trace.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, TRACE_KEYS);
	__type(key, struct trace_key);
	__type(value, struct trace_counts);
} counts SEC(".maps");

/* Events that counts had no room for. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} lost SEC(".maps");

static const struct trace_counts trace_no_counts;

/* The number of the highest bit that is set. */
static __always_inline u32 trace_highest_bit(u64 number)
{
	u32 bit = 0, step;

	for (step = 32; step; step /= 2) {
		if (number >> step) {
			number >>= step;
			bit += step;
		}
	}
	return bit;
}

/* The inverse of mage_latency_floor() in <linux/mage.h>. */
static __always_inline u32 trace_bucket(u64 ns)
{
	u32 highest, bucket;

	if (ns < 4)
		return ns;
	highest = trace_highest_bit(ns);
	bucket = (highest - 1) * 4 + (ns >> (highest - 2) & 3);
	return bucket < TRACE_BUCKETS ? bucket : TRACE_BUCKETS - 1;
}

static __always_inline void trace_lose(void)
{
	u32 zero = 0;
	u64 *number = bpf_map_lookup_elem(&lost, &zero);

	if (number)
		__sync_fetch_and_add(number, 1);
}

static __always_inline void trace_count(u64 cgroup_id, u32 class, u64 pages, u64 ns)
{
	struct trace_key key = { .cgroup_id = cgroup_id, .class = class };
	struct trace_counts *here = bpf_map_lookup_elem(&counts, &key);
	u32 bucket = trace_bucket(ns);

	if (!here) {
		bpf_map_update_elem(&counts, &key, &trace_no_counts, BPF_NOEXIST);
		here = bpf_map_lookup_elem(&counts, &key);
	}
	if (!here) {
		trace_lose();
		return;
	}
	/* Nothing else on this CPU counts meanwhile: tracing runs with preemption disabled. */
	here->events++;
	here->pages += pages;
	here->ns += ns;
	if (bucket < TRACE_BUCKETS)
		here->bucket[bucket]++;
}

#endif
