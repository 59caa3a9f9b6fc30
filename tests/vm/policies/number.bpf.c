// SPDX-License-Identifier: GPL-2.0-only
/* Wants batches of 1,000 pages: MAGE_EXIT_BAD_NUMBER. */
#include "mage.bpf.h"

u32 MAGE_OP(number_batch_size, struct mage_domain *domain, u32 wanted)
{
	return 1000;
}

MAGE_POLICY(number, .batch_size = (void *)number_batch_size);
