/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what a policy's programs may be made of.
 */
#ifndef _MM_MAGE_PROGRAM_H
#define _MM_MAGE_PROGRAM_H

#include <linux/bpf.h>
#include <linux/types.h>

int mage_program_check(const struct bpf_prog *prog);
const struct bpf_func_proto *mage_program_helper(enum bpf_func_id func_id,
						 const struct bpf_prog *prog);
bool mage_program_may_call(u32 kfunc_id);

#endif /* _MM_MAGE_PROGRAM_H */
