// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the functions that a policy may call.
 *
 * A filter keeps them to programs of mage_ops tables; those that walk lists,
 * pick victims or look at page tables are for select only, which runs with no
 * page table lock held.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/rmap.h>
#include "../internal.h"
#include "internal.h"

/**
 * struct bpf_iter_mage_list - an open-coded iterator over a list of a domain
 * @__opaque: the kernel's
 */
struct bpf_iter_mage_list {
	u64 __opaque[4];
} __aligned(8);

/**
 * struct mage_list_walk - what the iterator holds
 * @batch: the batch being filled
 * @frame: the frame that the program looks at now, or NULL
 * @list: the list
 * @shard: index of the shard being walked, counted from @start
 * @start: the shard that comes first
 * @left: frames of this shard that have not been seen
 */
struct mage_list_walk {
	struct mage_batch *batch;
	struct mage_frame *frame;
	u16 list;
	u16 shard;
	u32 start;
	u64 left;
};

static_assert(sizeof(struct mage_list_walk) <= sizeof(struct bpf_iter_mage_list));

static struct mage_shard *mage_walk_shard(struct mage_list_walk *walk)
{
	struct mage_domain *domain = walk->batch->domain;

	return &domain->shards[(walk->start + walk->shard) & (domain->nr_shards - 1)];
}

/*
 * Tests and clears the accessed bit of a locked folio.  Unlike rmap_walk() it
 * neither waits nor reschedules, as it runs in an RCU read-side section.
 */
static bool mage_folio_clear_young(struct folio *folio)
{
	struct rmap_walk_control rwc = { .try_lock = true };
	struct anon_vma *anon_vma = folio_lock_anon_vma_read(folio, &rwc);
	pgoff_t pgoff = folio_pgoff(folio);
	struct anon_vma_chain *avc;
	bool young = false;

	/* Locked by a fork, say: better spare the page than wait. */
	if (!anon_vma)
		return rwc.contended;
	anon_vma_interval_tree_foreach(avc, &anon_vma->rb_root, pgoff, pgoff) {
		struct vm_area_struct *vma = avc->vma;
		DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, vma_address(vma, pgoff, 1), 0);

		while (page_vma_mapped_walk(&pvmw))
			if (pvmw.pte && ptep_test_and_clear_young(vma, pvmw.address, pvmw.pte))
				young = true;
	}
	anon_vma_unlock_read(anon_vma);
	return young;
}

__bpf_kfunc_start_defs();

/**
 * bpf_iter_mage_list_new() - start to walk a list from its head
 * @it: the iterator
 * @batch: the batch that select was given
 * @list: 0 to MAGE_LISTS - 1
 *
 * The walk goes through the list's shards, starting with another one each time.
 * Within a shard it goes from head to tail and sees each frame at most once. It
 * ends when the batch is full, and after MAGE_WALK_BUDGET frames, counted over
 * all walks of one call of select.
 *
 * Return: 0, or -EINVAL for a bad list; the walk is empty then
 */
__bpf_kfunc int bpf_iter_mage_list_new(struct bpf_iter_mage_list *it, struct mage_batch *batch,
				       u32 list)
{
	struct mage_list_walk *walk = (void *)it;

	memset(it, 0, sizeof(*it));
	if (list >= MAGE_LISTS)
		return -EINVAL;
	walk->batch = batch;
	walk->list = list;
	walk->start = atomic_inc_return(&batch->domain->next_shard);
	walk->left = READ_ONCE(mage_walk_shard(walk)->nr[list]);
	return 0;
}

/**
 * bpf_iter_mage_list_next() - the next frame of a walk
 * @it: the iterator
 *
 * The frame before, if it was neither added to the batch nor moved, goes to the
 * tail of its list.
 *
 * Return: a frame, or NULL at the end
 */
__bpf_kfunc struct mage_frame *bpf_iter_mage_list_next(struct bpf_iter_mage_list *it)
{
	struct mage_list_walk *walk = (void *)it;
	struct mage_batch *batch = walk->batch;

	if (!batch)
		return NULL;
	if (walk->frame)
		mage_frame_unwalk(batch->domain, walk->frame);
	walk->frame = NULL;
	/* With a full batch there is nothing to look for. */
	if (!batch->walk_budget || batch->nr >= batch->max)
		return NULL;
	for (;;) {
		if (walk->left) {
			walk->left--;
			walk->frame = mage_frame_walk(batch->domain, mage_walk_shard(walk),
						      walk->list);
		}
		if (walk->frame)
			break;
		if (++walk->shard >= batch->domain->nr_shards)
			return NULL;
		walk->left = READ_ONCE(mage_walk_shard(walk)->nr[walk->list]);
	}
	batch->walk_budget--;
	return walk->frame;
}

/**
 * bpf_iter_mage_list_destroy() - end a walk
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_mage_list_destroy(struct bpf_iter_mage_list *it)
{
	struct mage_list_walk *walk = (void *)it;

	if (walk->batch && walk->frame)
		mage_frame_unwalk(walk->batch->domain, walk->frame);
	memset(it, 0, sizeof(*it));
}

/**
 * mage_batch_add() - pick a victim
 * @batch: the batch that select was given
 * @frame: the frame
 *
 * Return: 0; -ENOSPC when the batch is full; -ENOENT when the page was freed
 * meanwhile; -EBUSY when it is a victim already, which ejects the policy
 */
__bpf_kfunc int mage_batch_add(struct mage_batch *batch, struct mage_frame *frame)
{
	return mage_batch_take(batch, frame);
}

/**
 * mage_batch_add_id() - pick a victim that the policy remembered by its id
 * @batch: the batch that select was given
 * @id: what mage_frame_id() returned
 *
 * Return: as mage_batch_add(); -EXDEV when the page is not the domain's, which
 * in a row of 16 ejects the policy
 */
__bpf_kfunc int mage_batch_add_id(struct mage_batch *batch, u64 id)
{
	struct mage_frame *frame = mage_frame_by_pfn(id);

	if (frame)
		return mage_batch_take(batch, frame);
	mage_policy_eject(batch->domain, batch->policy, MAGE_EXIT_FOREIGN_FRAME,
			  "select picked %llu, which is no page", id);
	return -EXDEV;
}

/**
 * mage_frame_accessed() - whether a page was used, and forget that it was
 * @batch: the batch that select was given
 * @frame: a frame that a walk of this select returned
 *
 * Tests and clears the accessed bit in the page table.  No shootdown follows: a
 * CPU that has the translation cached can use the page unseen until it drops
 * it, as for stock Linux' page aging.
 *
 * Return: true if the page was used since the last call or the last time it
 * was armed; also if that cannot be told without waiting
 */
__bpf_kfunc bool mage_frame_accessed(struct mage_batch *batch, struct mage_frame *frame)
{
	u64 owner = READ_ONCE(frame->owner);
	bool accessed = true;
	struct folio *folio;

	if (owner >> MAGE_OWNER_ID_SHIFT != batch->domain->id)
		return false;
	folio = pfn_folio(owner & MAGE_OWNER_PFN_MASK);
	if (!folio_try_get(folio))
		return false;
	if (folio_trylock(folio)) {
		if (mage_folio_is_eligible(folio))
			accessed = mage_folio_clear_young(folio);
		folio_unlock(folio);
	}
	/* The last put of an anonymous page does not sleep, as we may not. */
	folio_put(folio);
	return accessed;
}

/**
 * mage_frame_move() - put a frame on a list
 * @domain: the policy's domain
 * @frame: the frame
 * @list: 0 to MAGE_LISTS - 1
 * @tail: true for the tail, false for the head
 *
 * Return: 0; -EINVAL for a bad list; -ENOENT when the page left meanwhile;
 * -EBUSY while it is a victim
 */
__bpf_kfunc int mage_frame_move(struct mage_domain *domain, struct mage_frame *frame,
				u32 list, bool tail)
{
	return mage_frame_set_list(domain, frame, list, tail);
}

/**
 * mage_frame_id() - a number that names a page while it is local
 * @frame: the frame
 *
 * Return: the page frame number; 0 when the page left meanwhile
 */
__bpf_kfunc u64 mage_frame_id(struct mage_frame *frame)
{
	return mage_frame_pfn(frame);
}

/**
 * mage_frame_word() - read one of the policy's words in a frame
 * @domain: the policy's domain
 * @frame: the frame
 * @index: 0 to MAGE_FRAME_WORDS - 1
 *
 * Return: the word; 0 for one that was never set by this policy
 */
__bpf_kfunc u64 mage_frame_word(struct mage_domain *domain, struct mage_frame *frame, u32 index)
{
	if (index >= MAGE_FRAME_WORDS || READ_ONCE(frame->epoch) != READ_ONCE(domain->epoch))
		return 0;
	return READ_ONCE(frame->word[index]);
}

/**
 * mage_frame_set_word() - write one of the policy's words in a frame
 * @domain: the policy's domain
 * @frame: the frame
 * @index: 0 to MAGE_FRAME_WORDS - 1
 * @value: any
 *
 * Return: 0, or -EINVAL for a bad index
 */
__bpf_kfunc int mage_frame_set_word(struct mage_domain *domain, struct mage_frame *frame,
				    u32 index, u64 value)
{
	u8 epoch = READ_ONCE(domain->epoch);

	if (index >= MAGE_FRAME_WORDS)
		return -EINVAL;
	if (READ_ONCE(frame->epoch) != epoch) {
		memset(frame->word, 0, sizeof(frame->word));
		WRITE_ONCE(frame->epoch, epoch);
	}
	WRITE_ONCE(frame->word[index], value);
	return 0;
}

/**
 * mage_list_size() - frames on a list of a domain
 * @domain: the policy's domain
 * @list: 0 to MAGE_LISTS - 1
 *
 * Return: the sum over the shards, each read at another moment; 0 for a bad
 * list
 */
__bpf_kfunc u64 mage_list_size(struct mage_domain *domain, u32 list)
{
	u64 size = 0;
	unsigned int i;

	for (i = 0; list < MAGE_LISTS && i < domain->nr_shards; i++)
		size += READ_ONCE(domain->shards[i].nr[list]);
	return size;
}

/**
 * mage_policy_error() - the policy gives up
 * @domain: its domain
 * @message__str: why, for people
 *
 * The policy is ejected (MAGE_EXIT_SELF); the domain goes on under the built-in
 * one.
 */
__bpf_kfunc void mage_policy_error(struct mage_domain *domain, const char *message__str)
{
	mage_policy_eject(domain, rcu_access_pointer(domain->policy), MAGE_EXIT_SELF, "%s",
			  message__str);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(mage_any_kfuncs)
BTF_ID_FLAGS(func, mage_frame_move, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_id, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_word, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_set_word, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_list_size, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_policy_error, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_any_kfuncs)

BTF_KFUNCS_START(mage_select_kfuncs)
BTF_ID_FLAGS(func, bpf_iter_mage_list_new, KF_ITER_NEW | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_iter_mage_list_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_mage_list_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, mage_batch_add, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_batch_add_id, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_accessed, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_select_kfuncs)

static int mage_any_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_any_kfuncs, kfunc_id))
		return 0;
	return mage_prog_is_policy(prog) ? 0 : -EACCES;
}

/* Index of select in struct mage_ops, which is how a program says its member. */
#define MAGE_OPS_SELECT_INDEX	(offsetof(struct mage_ops, select) / sizeof(void *))

static int mage_select_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_select_kfuncs, kfunc_id))
		return 0;
	if (!mage_prog_is_policy(prog) || prog->expected_attach_type != MAGE_OPS_SELECT_INDEX)
		return -EACCES;
	return 0;
}

static const struct btf_kfunc_id_set mage_any_set = {
	.owner = THIS_MODULE,
	.set = &mage_any_kfuncs,
	.filter = mage_any_filter,
};

static const struct btf_kfunc_id_set mage_select_set = {
	.owner = THIS_MODULE,
	.set = &mage_select_kfuncs,
	.filter = mage_select_filter,
};

int __init mage_kfunc_init(void)
{
	int err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &mage_any_set);

	return err ?: register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &mage_select_set);
}
