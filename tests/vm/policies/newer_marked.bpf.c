// SPDX-License-Identifier: GPL-2.0-only
/* Has a callback that this kernel does not know, and does without it: it loads. */
#include "mage.bpf.h"

struct mage_ops___newer {
	void (*foresee)(struct mage_domain *domain);
	void (*select)(struct mage_domain *domain, struct mage_batch *batch);
	u64 cgroup_id;
	char name[64];
};

MAGE_OPTIONAL void MAGE_OP(marked_foresee, struct mage_domain *domain)
{
}

void MAGE_OP(marked_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, 0)
		mage_batch_add(batch, frame);
}

SEC(".struct_ops.link")
struct mage_ops___newer newer_marked = {
	.foresee = (void *)marked_foresee,
	.select = (void *)marked_select,
	.name = "newer_marked",
};
