// SPDX-License-Identifier: GPL-2.0-only
/* Has a map with values that take long to copy: the verifier refuses it. */
#include "mage.bpf.h"

struct value {
	char bytes[2 * PAGE_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u64);
	__type(value, struct value);
} map SEC(".maps");

void MAGE_OP(with_value_tick, struct mage_domain *domain)
{
	u64 key[2] = {};

	bpf_map_delete_elem(&map, key);
}

MAGE_POLICY(with_value, .tick = (void *)with_value_tick);
