/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what a policy's programs may be made of.
 */
#ifndef _MM_MAGE_PROGRAM_H
#define _MM_MAGE_PROGRAM_H

#include <linux/bpf.h>
#include <linux/types.h>

/*
 * Bytes of a key, which is hashed; of a prefix, each bit of which may be looked at; of a
 * value that is written for each CPU.  Any other value is copied: MAGE_HELPER_BYTES.
 */
#define MAGE_KEY_BYTES		256
#define MAGE_PREFIX_BYTES	20
#define MAGE_PERCPU_BYTES	256

/*
 * Instructions that the verifier may look at of a callback that holds a lock, and of one
 * that does not.  A call of a helper takes some to prepare, and a microsecond at the most.
 */
#define MAGE_LOCKED_INSNS	131072
#define MAGE_USUAL_INSNS	1000000

int mage_program_check(const struct bpf_prog *prog);
int mage_program_check_map(const struct bpf_map *map);
bool mage_program_is_short(const struct bpf_prog *prog, u32 insns);
bool mage_program_may_call(u32 kfunc_id);

#endif /* _MM_MAGE_PROGRAM_H */
