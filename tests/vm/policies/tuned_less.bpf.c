// SPDX-License-Identifier: GPL-2.0-only
/* A policy with less tunables than tuned, and narrower ones. */
#include "mage.bpf.h"

MAGE_TUNABLE(u32, answer, 50, 2, 511, "victims a batch");
MAGE_TUNABLE(s16, shift, 0, -1, 1, "added to the answer");

u32 MAGE_OP(tuned_less_batch_size, struct mage_domain *domain, u32 wanted)
{
	return answer + shift;
}

MAGE_POLICY(tuned_less, .batch_size = (void *)tuned_less_batch_size);
