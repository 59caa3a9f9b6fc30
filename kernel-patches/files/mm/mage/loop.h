/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the loops of a policy.
 */
#ifndef _MM_MAGE_LOOP_H
#define _MM_MAGE_LOOP_H

#include <linux/types.h>

/**
 * struct bpf_iter_mage_for - an open-coded iterator over numbers
 * @__opaque: the kernel's
 */
struct bpf_iter_mage_for {
	u64 __opaque[2];
} __aligned(8);

int bpf_iter_mage_for_new(struct bpf_iter_mage_for *it, int begin, int end);
int *bpf_iter_mage_for_next(struct bpf_iter_mage_for *it);
void bpf_iter_mage_for_destroy(struct bpf_iter_mage_for *it);

#endif /* _MM_MAGE_LOOP_H */
