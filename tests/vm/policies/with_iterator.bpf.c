// SPDX-License-Identifier: GPL-2.0-only
/* Loops by an iterator that is not Mage's: the verifier refuses it. */
#include "mage.bpf.h"

u64 rounds;

void MAGE_OP(with_iterator_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u32 i;

	bpf_for (i, 0, batch->max)
		rounds++;
}

MAGE_POLICY(with_iterator, .select = (void *)with_iterator_select);
