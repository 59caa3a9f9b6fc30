// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives up in exit, when another policy governs already, which it would blame: the
 * verifier does not let it load.
 */
#include "mage.bpf.h"

void MAGE_OP_SLEEPABLE(blame_exit, struct mage_domain *domain, const struct mage_exit_info *info)
{
	mage_policy_error(domain, "it was the other one");
}

MAGE_POLICY(blame, .exit = (void *)blame_exit);
