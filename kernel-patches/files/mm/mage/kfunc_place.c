// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: functions for policies about where pages are, and where they go.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include "kfunc_place.h"
#include "batch.h"
#include "frame.h"
#include "ops.h"
#include "read.h"

__bpf_kfunc_start_defs();

/**
 * mage_frame_node() - the node whose memory a page is in
 * @frame: the frame
 *
 * Return: number of the node; -1 when the page left meanwhile
 */
__bpf_kfunc s32 mage_frame_node(struct mage_frame *frame)
{
	u64 pfn = mage_frame_pfn(frame);

	return pfn ? page_to_nid(pfn_to_page(pfn)) : NUMA_NO_NODE;
}

/**
 * mage_batch_node() - the node that victims are wanted of
 * @batch: the batch that select or tick was given
 *
 * Walks and samples of a batch that is for one node show pages of that only.
 *
 * Return: number of the node; -1 if pages of all will do
 */
__bpf_kfunc s32 mage_batch_node(struct mage_batch *batch)
{
	return mage_batch_nid(batch);
}

/**
 * mage_far_read_ns() - how long a read of a page from far memory takes just now
 *
 * A mean over the last reads, some dozens, on each far device that serves as swap; of the
 * slowest of these.  It is what a read takes under the load of the moment, with the time in
 * queues, but without the fault around it, of which &struct mage_rates tells (fault_ns).
 *
 * Return: nanoseconds; 0 before the first read
 */
__bpf_kfunc u64 mage_far_read_ns(void)
{
	return mage_disk_slowest_read_ns();
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(mage_place_kfuncs)
BTF_ID_FLAGS(func, mage_frame_node, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_batch_node, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_far_read_ns)
BTF_KFUNCS_END(mage_place_kfuncs)

static int mage_place_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_place_kfuncs, kfunc_id))
		return 0;
	return mage_prog_is_policy(prog) ? 0 : -EACCES;
}

static const struct btf_kfunc_id_set mage_place_set = {
	.owner = THIS_MODULE, .set = &mage_place_kfuncs, .filter = mage_place_filter,
};

/**
 * mage_kfunc_is_of_place() - whether a function is one of these
 * @kfunc_id: its id
 */
bool mage_kfunc_is_of_place(u32 kfunc_id)
{
	return btf_id_set8_contains(&mage_place_kfuncs, kfunc_id);
}

/**
 * mage_kfunc_place_init() - let policies call them
 *
 * Return: 0 or a negative errno
 */
int __init mage_kfunc_place_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &mage_place_set);
}
