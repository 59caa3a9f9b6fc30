// SPDX-License-Identifier: GPL-2.0-only
/* Has a function that is verified by itself: the verifier refuses it. */
#include "mage.bpf.h"

__noinline u32 half(u32 number)
{
	return number / 2;
}

u32 MAGE_OP(with_global_batch_size, struct mage_domain *domain, u32 wanted)
{
	return half(wanted) ?: 1;
}

MAGE_POLICY(with_global, .batch_size = (void *)with_global_batch_size);
