// SPDX-License-Identifier: GPL-2.0-only
/* Its init never returns by itself: MAGE_EXIT_TOO_LONG, and it is refused. */
#include "endless.bpf.h"

s32 MAGE_OP_SLEEPABLE(slow_start_init, struct mage_domain *domain)
{
	think_for_ever();
	return 0;
}

MAGE_POLICY(slow_start, .init = (void *)slow_start_init);
