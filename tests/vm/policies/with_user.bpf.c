// SPDX-License-Identifier: GPL-2.0-only
/* Waits for what user space may never do: the verifier refuses it. */
#include "mage.bpf.h"

extern int bpf_copy_from_user_str(void *dst, u32 dst__sz, const void *unsafe_ptr__ign,
				  u64 flags) __ksym;

char name[16];

s32 MAGE_OP_SLEEPABLE(with_user_init, struct mage_domain *domain)
{
	return bpf_copy_from_user_str(name, sizeof(name), (void *)PAGE_SIZE, 0) < 0;
}

MAGE_POLICY(with_user, .init = (void *)with_user_init);
