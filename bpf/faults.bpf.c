// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the pages that threads fault in from far memory, and how long that takes them, by domain
 * and by what they wanted: to read or to write.
 */
#include "trace_count.bpf.h"

SEC("tp_btf/mage_fault_in")
int BPF_PROG(faults, u64 cgroup_id, u64 mm, u64 address, u64 slot, bool write, u64 ns)
{
	trace_count(cgroup_id, write ? TRACE_FAULT_WRITE : TRACE_FAULT_READ, 1, ns);
	return 0;
}
