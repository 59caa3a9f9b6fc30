// SPDX-License-Identifier: GPL-2.0-only
/* Has a callback that this kernel does not know: the load says which. */
#include "mage.bpf.h"

struct mage_ops___newer {
	void (*foresee)(struct mage_domain *domain);
	u64 cgroup_id;
	char name[64];
};

SEC("struct_ops/newer_foresee")
void BPF_PROG(newer_foresee, struct mage_domain *domain)
{
}

SEC(".struct_ops.link")
struct mage_ops___newer newer_callback = {
	.foresee = (void *)newer_foresee,
	.name = "newer_callback",
};
