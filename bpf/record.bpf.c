// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends the references that miss a domain's local memory, in their order: faults on far memory, and
 * first touches.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "record.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RECORD_BUFFER);
} events SEC(".maps");

/* The cgroup that is recorded; 0 for all. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} recorded_cgroup SEC(".maps");

/* References that found the buffer full. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} lost SEC(".maps");

static __always_inline bool is_recorded(u64 cgroup_id)
{
	u32 zero = 0;
	u64 *wanted = bpf_map_lookup_elem(&recorded_cgroup, &zero);

	return wanted && (!*wanted || *wanted == cgroup_id);
}

static __always_inline void lose(void)
{
	u32 zero = 0;
	u64 *number = bpf_map_lookup_elem(&lost, &zero);

	if (number)
		__sync_fetch_and_add(number, 1);
}

/* Who reads looks ten times a second; it is woken before only if much waits for it. */
static __always_inline u64 wakeup(void)
{
	u64 waiting = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	return waiting >= bpf_ringbuf_query(&events, BPF_RB_RING_SIZE) / 4 ? BPF_RB_FORCE_WAKEUP :
									     BPF_RB_NO_WAKEUP;
}

static __always_inline void send(u64 cgroup_id, u64 mm, u64 address, bool write, bool first_touch)
{
	struct record_event *event;

	if (!is_recorded(cgroup_id))
		return;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		lose();
		return;
	}
	event->mm = mm;
	event->address = address;
	event->write = write;
	event->first_touch = first_touch;
	bpf_ringbuf_submit(event, wakeup());
}

SEC("tp_btf/mage_fault_in")
int BPF_PROG(record_fault, u64 cgroup_id, u64 mm, u64 address, u64 slot, bool write, u64 ns)
{
	send(cgroup_id, mm, address, write, false);
	return 0;
}

/* A page gets memory of its own when it is written to: what is only read is the zero page. */
SEC("tp_btf/mage_page_in")
int BPF_PROG(record_first_touch, u64 cgroup_id, u64 mm, u64 address, unsigned int why)
{
	if (why == MAGE_PAGE_IN_NEW)
		send(cgroup_id, mm, address, true, true);
	return 0;
}
