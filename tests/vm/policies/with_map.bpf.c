// SPDX-License-Identifier: GPL-2.0-only
/* Has a map of a kind that is not for policies: the verifier refuses it. */
#include "mage.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u32);
} map SEC(".maps");

void MAGE_OP(with_map_tick, struct mage_domain *domain)
{
	u64 key[2] = {};

	bpf_map_delete_elem(&map, key);
}

MAGE_POLICY(with_map, .tick = (void *)with_map_tick);
