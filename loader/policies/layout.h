/* SPDX-License-Identifier: GPL-2.0-only */
/* "struct mage_ops" as this kernel has it. */
#ifndef MAGE_POLICIES_LAYOUT_H
#define MAGE_POLICIES_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include <bpf/btf.h>

/* The types of the running kernel, for btf__free(); NULL and errno. */
struct btf *kernel_types_load(void);

struct kernel_layout {
	const struct btf *btf;
	const struct btf_type *ops; /* struct mage_ops */
	__u32 value_id; /* of struct bpf_struct_ops_mage_ops */
	size_t size; /* of struct bpf_struct_ops_mage_ops */
	size_t data; /* where struct mage_ops is in it */
};

/* 0 or a negative errno; the types belong to @btf. */
int kernel_layout_find(const struct btf *btf, struct kernel_layout *layout);

/* Is the member of a mage_ops, of whichever BTF, a pointer to a function? */
bool is_callback(const struct btf *btf, const struct btf_member *member);

#endif
