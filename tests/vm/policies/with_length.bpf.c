// SPDX-License-Identifier: GPL-2.0-only
/* Has a plain loop that takes long, under a lock and for each page: it cannot be attached. */
#include "mage.bpf.h"

volatile u64 rounds;

void MAGE_OP(with_length_page_in, struct mage_domain *domain)
{
	int i;

	for (i = 0; i < 60000; i++)
		rounds++;
}

MAGE_POLICY(with_length, .page_in = (void *)with_length_page_in);
