// SPDX-License-Identifier: GPL-2.0-only
/* Loops by a helper that nothing can end: the verifier refuses it. */
#include "mage.bpf.h"

static long round(u32 i, void *ctx)
{
	return 0;
}

void MAGE_OP(with_helper_select, struct mage_domain *domain, struct mage_batch *batch)
{
	bpf_loop(batch->max, round, NULL, 0);
}

MAGE_POLICY(with_helper, .select = (void *)with_helper_select);
