// SPDX-License-Identifier: GPL-2.0-only
/* Would sleep while it speaks of itself: refused at load. */
#include "mage.bpf.h"

void MAGE_OP_SLEEPABLE(says_asleep_dump, struct mage_domain *domain, struct mage_dump *dump)
{
	mage_dump(dump, "no hurry\n");
}

MAGE_POLICY(says_asleep, .dump = (void *)says_asleep_dump);
