// SPDX-License-Identifier: GPL-2.0-only
/* A good policy that tells "thief" the ids of its domain's pages. */
#include "mage.bpf.h"
#include "spied.h"

u32 next;

void MAGE_OP(spy_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	u32 key = __sync_fetch_and_add(&next, 1) % SPIED;
	u64 id = mage_frame_id(frame);

	bpf_map_update_elem(&mage_spied, &key, &id, BPF_ANY);
}

MAGE_POLICY(spy, .page_in = (void *)spy_page_in);
