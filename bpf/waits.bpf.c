// SPDX-License-Identifier: GPL-2.0-only
/* Counts how often and how long threads wait for room, by domain and by what came of it. */
#include "trace_count.bpf.h"

SEC("tp_btf/mage_wait")
int BPF_PROG(waits, u64 cgroup_id, u64 ns, bool room)
{
	trace_count(cgroup_id, room ? TRACE_WAIT_ROOM : TRACE_WAIT_GIVEN_UP, 0, ns);
	return 0;
}
