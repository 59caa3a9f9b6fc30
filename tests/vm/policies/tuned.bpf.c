// SPDX-License-Identifier: GPL-2.0-only
/*
 * tuned - a policy with a tunable of each kind; with answer + more out of 1 to 512 it is
 * ejected, and the record tells the sum.
 */
#include "mage.bpf.h"

MAGE_TUNABLE(u32, answer, 100, 0, 1000, "victims a batch");
MAGE_TUNABLE(s16, shift, 0, -1000, 1000, "added to the answer");
MAGE_TUNABLE_AT_LOAD(u64, more, 0, 0, 1000, "added to the answer, a constant");
MAGE_TUNABLE_AT_LOAD(bool, none, false, 0, 1, "answer 0 whatever else is set");

/* Not declared as a tunable: nobody else's business. */
volatile u32 calls;

u32 MAGE_OP(tuned_batch_size, struct mage_domain *domain, u32 wanted)
{
	calls++;
	return none ? 0 : answer + shift + more;
}

MAGE_POLICY(tuned, .batch_size = (void *)tuned_batch_size);
