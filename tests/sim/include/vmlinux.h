/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What policies need of the kernel's types, natively.  What they see of Mage is the kernel's own
 * header; a frame and a domain are whatever the simulator makes of them.
 */
#ifndef SIM_VMLINUX_H
#define SIM_VMLINUX_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/mage_policy.h>

/* The members of a batch that a policy may read. */
struct mage_batch {
	u32 nr;
	u32 max;
	struct mage_domain *domain;
	u32 walk_budget;
	u32 refusals;
	u32 around_from, around_to; /* pages of the last look around, in this call */
	u32 region_budget;
	u32 begun;
	struct walk *walk;
	bool scan;
	bool self;
};

/* The thread that touches pages, at nice 0. */
struct task_struct {
	int normal_prio;
};

struct bpf_iter_mage_list {
	u64 state[20];
};

struct bpf_iter_mage_sample {
	u64 state[3];
};

struct bpf_iter_mage_victim {
	u64 state[2];
};

struct bpf_iter_mage_region {
	u64 state[22];
};

struct bpf_iter_mage_for {
	u64 state[2];
};

#endif
