// SPDX-License-Identifier: GPL-2.0-only
/* Goes on in another program: the verifier refuses it. */
#include "mage.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} more SEC(".maps");

SEC("struct_ops/with_call_tick")
int with_call_tick(unsigned long long *ctx)
{
	bpf_tail_call(ctx, &more, 0);
	return 0;
}

MAGE_POLICY(with_call, .tick = (void *)with_call_tick);
