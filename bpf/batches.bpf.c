// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the batches that go through each stage of the pipeline, by domain, and how long a stage
 * takes them: from the end of the one before to its own, waiting included.
 */
#include "trace_count.bpf.h"

/* When a batch ended its last stage; more than there can be batches. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, u64);
} last_stage SEC(".maps");

/* Not by BTF as the others are: the verifier knows no pointers to const void. */
SEC("raw_tp/mage_batch_stage")
int BPF_PROG(batches, u64 cgroup_id, const void *batch, unsigned int stage, unsigned int nr)
{
	u64 key = (u64)batch, now = bpf_ktime_get_ns(), *last;

	last = bpf_map_lookup_elem(&last_stage, &key);
	/* Batches that were under way when tracing began have no beginning. */
	if (last && stage != TRACE_STAGE_SELECT)
		trace_count(cgroup_id, stage, nr, now - *last);
	if (stage == TRACE_STAGE_FREE)
		bpf_map_delete_elem(&last_stage, &key);
	else
		bpf_map_update_elem(&last_stage, &key, &now, BPF_ANY);
	return 0;
}
