// SPDX-License-Identifier: GPL-2.0-only
/* Takes three tenths of a second of CPU time for each page, which no rule for a call forbids. */
#include "mage.bpf.h"

#define ROUNDS (1 << 30)
#define ENOUGH 300000000ULL

void MAGE_OP(sloth_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 begin = task->stime;
	struct mage_frame *frame;

	mage_repeat (ROUNDS)
		if (task->stime - begin > ENOUGH)
			break;
	mage_for_each (frame, batch, 0) {
		mage_batch_add(batch, frame);
		break;
	}
}

MAGE_POLICY(sloth, .select = (void *)sloth_select);
