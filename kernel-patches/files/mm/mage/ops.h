/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: policies as BPF struct_ops.
 */
#ifndef _MM_MAGE_OPS_H
#define _MM_MAGE_OPS_H

#include <linux/types.h>

struct bpf_prog;

int mage_ops_register(void);
bool mage_prog_is_policy(const struct bpf_prog *prog);

#endif /* _MM_MAGE_OPS_H */
