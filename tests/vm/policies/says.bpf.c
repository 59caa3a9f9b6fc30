// SPDX-License-Identifier: GPL-2.0-only
/*
 * says - speaks of itself as much, and for as long, as it is told; and gives an answer that
 * ejects it.
 */
#include "endless.bpf.h"

MAGE_TUNABLE(u32, lines, 2, 0, 1000000, "lines that dump writes");
MAGE_TUNABLE(bool, for_ever, false, 0, 1, "dump does not end by itself");
MAGE_TUNABLE(u32, answer, 64, 1, 1000, "victims a batch");

MAGE_COUNTER(u64, batches, "batches", "how often it was asked for a size");
MAGE_COUNTER(s16, mood, "degrees", "half of what there are victims a batch, and below 0");

u32 MAGE_OP(says_batch_size, struct mage_domain *domain, u32 wanted)
{
	__sync_fetch_and_add(&batches, 1);
	mood = -(s16)(answer / 2);
	return answer;
}

MAGE_OPTIONAL void MAGE_OP(says_dump, struct mage_domain *domain, struct mage_dump *dump)
{
	u32 i;

	mage_dump(dump, "this is says, of %llu pages, list 0 has %s\n", mage_frames(domain),
		  mage_list_size(domain, 0) ? "some" : "none");
	mage_for (i, 0, lines)
		mage_dump(dump, "line %u of %u\n", i, lines);
	if (for_ever)
		think_for_ever();
}

MAGE_POLICY(says, .batch_size = (void *)says_batch_size, .dump = (void *)says_dump);
