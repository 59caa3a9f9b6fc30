/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the helpers of the kernel's that a policy may call, and how much each may do.
 */
#ifndef _MM_MAGE_HELPER_H
#define _MM_MAGE_HELPER_H

#include <linux/bpf.h>

/* Bytes that one call of a helper may read, write or compare. */
#define MAGE_HELPER_BYTES	4096

const struct bpf_func_proto *mage_helper(enum bpf_func_id func_id, const struct bpf_prog *prog);

#endif /* _MM_MAGE_HELPER_H */
