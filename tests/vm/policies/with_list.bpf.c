// SPDX-License-Identifier: GPL-2.0-only
/* Has lists that are freed with the values of a map: the verifier refuses it. */
#include "mage.bpf.h"

struct item {
	struct bpf_list_node node;
	u64 number;
};

struct value {
	struct bpf_spin_lock lock;
	struct bpf_list_head head __attribute__((btf_decl_tag("contains:item:node")));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u64);
	__type(value, struct value);
} map SEC(".maps");

/* So that its type is known. */
struct item *unused;

void MAGE_OP(with_list_tick, struct mage_domain *domain)
{
	u64 key[2] = {};

	bpf_map_delete_elem(&map, key);
}

MAGE_POLICY(with_list, .tick = (void *)with_list_tick);
