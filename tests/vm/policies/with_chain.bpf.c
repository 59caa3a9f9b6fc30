// SPDX-License-Identifier: GPL-2.0-only
/* Has objects that each point to the next, which are freed by recursion: the verifier refuses it. */
#include "mage.bpf.h"

struct chain_end {
	u64 number;
};

struct chain_last {
	struct chain_end __kptr *next;
};

struct chain_middle {
	struct chain_last __kptr *next;
};

struct chain_link {
	struct chain_middle __kptr *next;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u64);
	__type(value, struct chain_link);
} map SEC(".maps");

void MAGE_OP(with_chain_tick, struct mage_domain *domain)
{
	u64 key[2] = {};

	bpf_map_delete_elem(&map, key);
}

/* So that their types are known. */
struct chain_middle *middle;
struct chain_last *last;
struct chain_end *end;

MAGE_POLICY(with_chain, .tick = (void *)with_chain_tick);
