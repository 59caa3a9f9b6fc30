// SPDX-License-Identifier: GPL-2.0-only
/* Loops by may_goto: the verifier refuses it. */
#include "mage.bpf.h"

u64 rounds;

/* As can_loop of the kernel's selftests. */
void MAGE_OP(with_goto_select, struct mage_domain *domain, struct mage_batch *batch)
{
	for (;;) {
		asm volatile goto(
			"1: .byte 0xe5; .byte 0; .long ((%l[end] - 1b - 8) / 8) & 0xffff; .short 0"
			:
			:
			:
			: end);
		rounds++;
	}
end:
	return;
}

MAGE_POLICY(with_goto, .select = (void *)with_goto_select);
