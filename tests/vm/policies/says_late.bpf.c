// SPDX-License-Identifier: GPL-2.0-only
/* Gives up while it speaks of itself, which is for what governs: refused at load. */
#include "mage.bpf.h"

void MAGE_OP(says_late_dump, struct mage_domain *domain, struct mage_dump *dump)
{
	mage_policy_error(domain, "now that I am asked");
}

MAGE_POLICY(says_late, .dump = (void *)says_late_dump);
