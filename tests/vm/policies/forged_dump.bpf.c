// SPDX-License-Identifier: GPL-2.0-only
/* Makes up what it writes to, so that the text would go anywhere: refused at load. */
#include "mage.bpf.h"

void MAGE_OP(forged_dump_dump, struct mage_domain *domain, struct mage_dump *dump)
{
	u64 forged[4] = { 0xffff888000000000, 0, 0, 0 };

	mage_dump((struct mage_dump *)forged, "anywhere\n");
}

MAGE_POLICY(forged_dump, .dump = (void *)forged_dump_dump);
