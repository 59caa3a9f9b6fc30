// SPDX-License-Identifier: GPL-2.0-only
/* Has a map with hashes that can be foreseen: the verifier refuses it. */
#include "mage.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_ZERO_SEED);
	__uint(max_entries, 16);
	__type(key, u64);
	__type(value, u64);
} map SEC(".maps");

void MAGE_OP(with_seed_tick, struct mage_domain *domain)
{
	u64 key[2] = {};

	bpf_map_delete_elem(&map, key);
}

MAGE_POLICY(with_seed, .tick = (void *)with_seed_tick);
