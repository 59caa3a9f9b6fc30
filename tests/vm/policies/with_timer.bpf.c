// SPDX-License-Identifier: GPL-2.0-only
/* Leaves something behind that would run by itself: the verifier refuses it. */
#include "mage.bpf.h"

struct late {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct late);
} lates SEC(".maps");

s32 MAGE_OP_SLEEPABLE(with_timer_init, struct mage_domain *domain)
{
	u32 first = 0;
	struct late *late = bpf_map_lookup_elem(&lates, &first);

	return late ? bpf_timer_init(&late->timer, &lates, 1) : 0;
}

MAGE_POLICY(with_timer, .init = (void *)with_timer_init);
