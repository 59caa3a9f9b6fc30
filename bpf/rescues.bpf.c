// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the victims that were touched in flight and stayed, by domain, and how long ago the same
 * page was rescued last: short times mean that a policy picks the same pages again and again.
 */
#include "trace_count.bpf.h"

struct rescued_page {
	u64 cgroup_id;
	u64 pfn;
};

/* When a page was rescued last; the longest ago are forgotten. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct rescued_page);
	__type(value, u64);
} last_rescue SEC(".maps");

SEC("tp_btf/mage_rescue")
int BPF_PROG(rescues, u64 cgroup_id, u64 pfn)
{
	struct rescued_page page = { .cgroup_id = cgroup_id, .pfn = pfn };
	u64 now = bpf_ktime_get_ns(), *last = bpf_map_lookup_elem(&last_rescue, &page);

	if (last)
		trace_count(cgroup_id, TRACE_RESCUE_AGAIN, 1, now - *last);
	else
		trace_count(cgroup_id, TRACE_RESCUE_FIRST, 1, 0);
	bpf_map_update_elem(&last_rescue, &page, &now, BPF_ANY);
	return 0;
}
