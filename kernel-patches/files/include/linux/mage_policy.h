/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what a policy sees.
 */
#ifndef _LINUX_MAGE_POLICY_H
#define _LINUX_MAGE_POLICY_H

#include <linux/types.h>
#include <uapi/linux/mage.h>

struct mage_batch;
struct mage_domain;
struct mage_frame;

/* Lists that every domain has; a policy gives them their meaning. */
#define MAGE_LISTS		8

/* Words of state that a policy has in each frame. */
#define MAGE_FRAME_WORDS	2

/**
 * enum mage_ops_flags - flags of a policy
 * @MAGE_OPS_SPARE_YOUNG: a victim that was used since it came or was spared
 *	last stays, once more, at the tail of list 0 (MAGE_OUTCOME_SPARED).
 *	The kernel sees it when it clears the accessed bit to evict the page,
 *	which costs nothing, unlike mage_frame_accessed().  While threads wait
 *	for room no victim is spared.
 */
enum mage_ops_flags {
	MAGE_OPS_SPARE_YOUNG = 1 << 0,
};

#define MAGE_OPS_FLAGS		MAGE_OPS_SPARE_YOUNG

/* Frames that one call of select may look at. */
#define MAGE_WALK_BUDGET	8192

/**
 * enum mage_page_in_reason - why a page arrived
 * @MAGE_PAGE_IN_NEW: first touch, copy on write, or back from the kernel's
 *	hands (migration, MADV_PAGEOUT)
 * @MAGE_PAGE_IN_FAULT: a thread faulted on it and it was read from far memory
 * @MAGE_PAGE_IN_ADOPTED: it was there when the domain came to be
 */
enum mage_page_in_reason {
	MAGE_PAGE_IN_NEW,
	MAGE_PAGE_IN_FAULT,
	MAGE_PAGE_IN_ADOPTED,
};

/**
 * enum mage_page_out_reason - why a page left
 * @MAGE_PAGE_OUT_FREED: unmapped, or its process exited
 * @MAGE_PAGE_OUT_EVICTED: it now is in far memory only
 * @MAGE_PAGE_OUT_TAKEN: another part of the kernel took it (migration,
 *	MADV_PAGEOUT), or it went to the stock LRU
 */
enum mage_page_out_reason {
	MAGE_PAGE_OUT_FREED,
	MAGE_PAGE_OUT_EVICTED,
	MAGE_PAGE_OUT_TAKEN,
};

/**
 * enum mage_outcome - what became of a victim
 * @MAGE_OUTCOME_EVICTED: written to far memory and freed
 * @MAGE_OUTCOME_CLEAN: freed without a write, its far copy was still valid
 * @MAGE_OUTCOME_RESCUED: touched or used while in flight; it stays, at the
 *	tail of list 0 unless the outcome callback moves it
 * @MAGE_OUTCOME_EXCLUDED: mapped write-back cannot take it (shared, pinned,
 *	mlocked ...); it went to the stock LRU
 * @MAGE_OUTCOME_NO_SLOT: far memory is full; it went to the stock LRU
 * @MAGE_OUTCOME_WRITE_FAILED: the far store did not acknowledge the write; it
 *	stays
 * @MAGE_OUTCOME_GONE: its mapping went away, or was being changed, while in
 *	flight
 * @MAGE_OUTCOME_SPARED: it was used since it came or was spared last; with
 *	MAGE_OPS_SPARE_YOUNG, and with the default select
 */
enum mage_outcome {
	MAGE_OUTCOME_EVICTED,
	MAGE_OUTCOME_CLEAN,
	MAGE_OUTCOME_RESCUED,
	MAGE_OUTCOME_EXCLUDED,
	MAGE_OUTCOME_NO_SLOT,
	MAGE_OUTCOME_WRITE_FAILED,
	MAGE_OUTCOME_GONE,
	MAGE_OUTCOME_SPARED,
};

/**
 * struct mage_exit_info - why a policy leaves its domain
 * @kind: enum mage_exit_kind
 * @policy: name of the policy
 * @message: a sentence for people
 */
struct mage_exit_info {
	u32 kind;
	char policy[MAGE_NAME_LEN];
	char message[MAGE_MESSAGE_LEN];
};

/**
 * struct mage_ops - a policy
 *
 * Every callback is optional; an empty table is a working policy, namely
 * first in, first out.  Callbacks run concurrently on all CPUs.  But for @init
 * and @exit none may sleep, and each runs wholly inside one RCU read-side
 * section.
 */
struct mage_ops {
	/**
	 * @init: The policy is about to take over @domain.  May sleep.  Not
	 * concurrent with the policy's other callbacks.
	 *
	 * Return: 0, or a negative errno to refuse; the load or swap then fails
	 * with it and whatever governed before goes on.
	 *
	 * Default: 0.
	 */
	s32 (*init)(struct mage_domain *domain);

	/**
	 * @exit: The policy has left @domain; @info says why.  May sleep.  None
	 * of its callbacks is called any more.
	 */
	void (*exit)(struct mage_domain *domain, const struct mage_exit_info *info);

	/**
	 * @page_in: A page arrived, for @why (enum mage_page_in_reason).  It is
	 * at the tail of list 0; mage_frame_move() puts it elsewhere.  Called
	 * under the page's page table lock.
	 */
	void (*page_in)(struct mage_domain *domain, struct mage_frame *frame, u32 why);

	/**
	 * @page_out: A page left, for @why (enum mage_page_out_reason).  It is
	 * on no list any more.  Any context, interrupts included.
	 */
	void (*page_out)(struct mage_domain *domain, struct mage_frame *frame, u32 why);

	/**
	 * @batch_size: How many victims the next batch is to have, given that
	 * @wanted pages are to be evicted now.
	 *
	 * Return: 1 to MAGE_BATCH_MAX (512); anything else ejects the policy.
	 *
	 * Default: a third of the room that is kept free, 32 to 512.
	 */
	u32 (*batch_size)(struct mage_domain *domain, u32 wanted);

	/**
	 * @select: Fill @batch with up to @batch->max victims, by walking lists
	 * with the mage_list iterator and calling mage_batch_add().  A frame
	 * that the walk visits and that is neither added nor moved goes to the
	 * tail of its list.  Fewer victims, even none, are fine as long as the
	 * domain's waiting threads get room in the end; a policy that picks
	 * nothing while they wait is ejected (MAGE_EXIT_NO_PROGRESS).
	 *
	 * With MAGE_OPS_SPARE_YOUNG it is called again for the same batch when
	 * most of the victims were spared.
	 *
	 * Default: the heads of list 0, then of list 1, and so on, with
	 * MAGE_OPS_SPARE_YOUNG.
	 */
	void (*select)(struct mage_domain *domain, struct mage_batch *batch);

	/**
	 * @outcome: What became (enum mage_outcome) of a victim.  When it stays
	 * it is at the tail of list 0 again and can be moved.
	 */
	void (*outcome)(struct mage_domain *domain, struct mage_frame *frame, u32 outcome);

	/**
	 * @cgroup_id: Inode number of the directory of the cgroup to govern.
	 * It must be on cgroup v2 with the memory controller enabled.  The
	 * nearest governed ancestor's policy governs a page.
	 *
	 * Default (0): the cgroup of the task that attaches the policy; for a
	 * replacement, that of the policy replaced.
	 */
	u64 cgroup_id;

	/** @flags: enum mage_ops_flags */
	u64 flags;

	/** @name: for people and tools; 1 to MAGE_NAME_LEN - 1 characters */
	char name[MAGE_NAME_LEN];
};

#endif /* _LINUX_MAGE_POLICY_H */
