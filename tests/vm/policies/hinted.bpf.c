// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hints by a map, as docs/policies.md describes: a process writes the addresses
 * of pages that it will not need soon, and those go first.
 */
#include "mage.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, u8);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} mage_cold SEC(".maps");

enum list {
	WARM,
	COLD
};

u64 cold;

void MAGE_OP(hinted_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	u64 address = mage_frame_address(frame);

	if (bpf_map_lookup_elem(&mage_cold, &address)) {
		__sync_fetch_and_add(&cold, 1);
		mage_frame_move(domain, frame, COLD, true);
	}
}

void MAGE_OP(hinted_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, COLD)
		mage_batch_add(batch, frame);
	mage_for_each (frame, batch, WARM)
		mage_batch_add(batch, frame);
}

MAGE_POLICY(hinted, .page_in = (void *)hinted_page_in, .select = (void *)hinted_select);
