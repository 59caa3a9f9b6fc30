/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: policies as BPF struct_ops.
 */
#ifndef _MM_MAGE_OPS_H
#define _MM_MAGE_OPS_H

#include <linux/mage_policy.h>
#include <linux/stddef.h>
#include <linux/types.h>

struct bpf_prog;

/* Index of a callback in struct mage_ops, which is how a program names its own. */
#define MAGE_OPS_INDEX(member)	(offsetof(struct mage_ops, member) / sizeof(void *))

int mage_ops_register(void);
bool mage_prog_is_policy(const struct bpf_prog *prog);

#endif /* _MM_MAGE_OPS_H */
