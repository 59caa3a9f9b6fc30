/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every policy includes: kernel types, prototypes of the functions that a
 * policy may call, and a few helpers.
 *
 * The functions are documented where they are defined, mm/mage/kfunc.c, and the
 * callbacks in include/linux/mage_policy.h.
 */
#ifndef _MAGE_BPF_H
#define _MAGE_BPF_H

/* A newer pahole puts prototypes into vmlinux.h; these here must not clash. */
#define BPF_NO_KFUNC_PROTOTYPES
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* Any callback. */
extern int mage_frame_move(struct mage_domain *domain, struct mage_frame *frame, u32 list,
			   bool tail) __ksym;
extern u64 mage_frame_id(struct mage_frame *frame) __ksym;
extern u64 mage_frame_word(struct mage_domain *domain, struct mage_frame *frame, u32 index) __ksym;
extern int mage_frame_set_word(struct mage_domain *domain, struct mage_frame *frame, u32 index,
			       u64 value) __ksym;
extern u64 mage_list_size(struct mage_domain *domain, u32 list) __ksym;
extern void mage_policy_error(struct mage_domain *domain, const char *message__str) __ksym;

/* Only select. */
extern int mage_batch_add(struct mage_batch *batch, struct mage_frame *frame) __ksym;
extern int mage_batch_add_id(struct mage_batch *batch, u64 id) __ksym;
extern bool mage_frame_accessed(struct mage_batch *batch, struct mage_frame *frame) __ksym;
extern int bpf_iter_mage_list_new(struct bpf_iter_mage_list *it, struct mage_batch *batch,
				  u32 list) __ksym;
extern struct mage_frame *bpf_iter_mage_list_next(struct bpf_iter_mage_list *it) __ksym;
extern void bpf_iter_mage_list_destroy(struct bpf_iter_mage_list *it) __ksym;

/*
 * Walks a list in select, until the batch is full:
 *
 *	struct mage_frame *frame;
 *
 *	mage_for_each(frame, batch, 0)
 *		mage_batch_add(batch, frame);
 */
#define mage_for_each(frame, batch, list) bpf_for_each (mage_list, frame, batch, list)

/*
 * Defines a callback: MAGE_OP(fifo_select, struct mage_domain *domain, ...).
 * MAGE_OP_SLEEPABLE is for init and exit.
 */
#define MAGE_OP(name, args...)   \
	SEC("struct_ops/" #name) \
	BPF_PROG(name, ##args)
#define MAGE_OP_SLEEPABLE(name, args...) \
	SEC("struct_ops.s/" #name)       \
	BPF_PROG(name, ##args)

/* Defines the table of callbacks; cgroup_id is set by whoever loads it. */
#define MAGE_POLICY(id, ops...) \
	SEC(".struct_ops.link") \
	struct mage_ops id = { .name = #id, ops }

/*
 * A number of the policy that whoever runs it may set, with a range and a sentence that
 * "mage policy show" prints and "mage" checks values against:
 *
 *	MAGE_TUNABLE(u32, chances, 8, 0, 512, "second chances for each victim wanted");
 *
 * The type is an integer of 1 to 8 bytes or bool; the limits are literals.
 * MAGE_TUNABLE can be set while the policy runs, and is read anew at each use;
 * MAGE_TUNABLE_AT_LOAD is a constant to the verifier, and can only be set before.
 */
#define MAGE_TUNABLE(type, name, initial, min, max, text) \
	__mage_tunable(volatile type, name, initial, min, max, text)
#define MAGE_TUNABLE_AT_LOAD(type, name, initial, min, max, text) \
	__mage_tunable(const volatile type, name, initial, min, max, text)

#define __mage_literal(x) #x
#define __mage_range(min, max) "mage:range:" __mage_literal(min) ".." __mage_literal(max)
#define __mage_tunable(type, name, initial, min, max, text)  \
	__attribute__((btf_decl_tag(__mage_range(min, max)), \
		       btf_decl_tag("mage:help:" text))) type name = initial

#define ENOENT 2
#define EBUSY 16
#define EXDEV 18
#define EINVAL 22
#define ENOSPC 28

#endif /* _MAGE_BPF_H */
