// SPDX-License-Identifier: GPL-2.0-only
/* Picks pages of the domain that "spy" governs: MAGE_EXIT_FOREIGN_FRAME. */
#include "mage.bpf.h"
#include "spied.h"

void MAGE_OP(thief_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u32 i;

	mage_for (i, 0, SPIED) {
		u32 key = i;
		u64 *id = bpf_map_lookup_elem(&mage_spied, &key);

		if (id && *id)
			mage_batch_add_id(batch, *id);
	}
}

MAGE_POLICY(thief, .select = (void *)thief_select);
