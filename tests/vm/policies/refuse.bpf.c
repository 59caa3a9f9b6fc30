// SPDX-License-Identifier: GPL-2.0-only
/* Does not want to start: the load, or the swap, fails with EPERM. */
#include "mage.bpf.h"

s32 MAGE_OP_SLEEPABLE(refuse_init, struct mage_domain *domain)
{
	return -1;
}

MAGE_POLICY(refuse, .init = (void *)refuse_init);
