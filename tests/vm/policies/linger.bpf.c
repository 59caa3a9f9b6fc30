// SPDX-License-Identifier: GPL-2.0-only
/* Does not want to leave: the loops of its exit end all the same. */
#include "endless.bpf.h"

void MAGE_OP_SLEEPABLE(linger_exit, struct mage_domain *domain)
{
	think_for_ever();
}

MAGE_POLICY(linger, .exit = (void *)linger_exit);
