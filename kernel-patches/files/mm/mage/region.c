// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: regions of the address space of a process, page by page: which frames are mapped
 * there, and which of them were used.
 *
 * For callbacks, which run in an RCU read-side section: what cannot be told without waiting is
 * not told.  A policy names a process by its id, and has nothing of it between two calls.
 * Each call, or row of an iterator, finds the address space anew, and has a user's reference to
 * it meanwhile, so that it does not end.  An area is locked for reading by its own lock, as a
 * fault does: who unmaps it, moves it or changes its bounds takes that for writing, and so
 * does who frees its page tables.  The lock of the page table keeps the pages that are mapped in
 * it from being freed, and so a frame's owner, read under it, says whose the page is.
 *
 * Source: the accesses that DAMON checks (mm/damon/vaddr.c of Linux 6.12), under other locks.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/hugetlb.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/swapops.h>
#include "../internal.h"
#include "region.h"
#include "disk.h"
#include "domain.h"
#include "look.h"
#include "mapping.h"
#include "walk.h"

/* Ticks in which all of a domain can be looked at. */
#define MAGE_REGION_PART	32

/* Entries that are looked at under one hold of a page table lock. */
#define MAGE_REGION_HOLD	64

/* What it takes to find a process and its address space, in entries. */
#define MAGE_REGION_CALL	8

/* Frames that an iterator finds at a time. */
#define MAGE_REGION_ROW		16

/**
 * struct mage_region_walk - a way through a region
 * @batch: the batch of the callback that looks
 * @mm: the address space, with a user's reference
 * @at: address of the next page
 * @end: address after the last
 * @seen: filled, and accessed bits are cleared; or NULL
 * @row: frames that are found, or NULL
 * @nr: how many of them, MAGE_REGION_ROW at most
 */
struct mage_region_walk {
	struct mage_batch *batch;
	struct mm_struct *mm;
	unsigned long at;
	unsigned long end;
	struct mage_region *seen;
	struct mage_frame **row;
	u32 nr;
};

/**
 * struct mage_region_frames - what the iterator holds
 * @batch: the batch of the callback that looks; NULL if there is nothing to be shown
 * @at: address of the next page to look at
 * @end: address after the last
 * @row: frames that are to be shown; as those of a sample they may leave meanwhile
 * @process: whose address space it is
 * @nr: how many there are in the row
 * @shown: how many of them were shown
 */
struct mage_region_frames {
	struct mage_batch *batch;
	unsigned long at;
	unsigned long end;
	struct mage_frame *row[MAGE_REGION_ROW];
	u32 process;
	u16 nr;
	u16 shown;
};

static_assert(sizeof(struct mage_region_frames) <= sizeof(struct bpf_iter_mage_region));

/**
 * mage_region_begin() - a callback begins
 * @batch: its batch
 * @frames: pages of the domain, so that it can look at all of them in time; else 0
 */
void mage_region_begin(struct mage_batch *batch, u64 frames)
{
	batch->region_most = clamp_t(u64, frames / MAGE_REGION_PART, MAGE_REGION_BUDGET,
				     MAGE_REGION_MOST);
	batch->region_budget = batch->region_most;
}

static void mage_region_charge(struct mage_batch *batch, u32 entries)
{
	batch->region_budget -= min(entries, batch->region_budget);
}

static bool mage_region_is_over(const struct mage_region_walk *walk)
{
	return walk->at >= walk->end || !walk->batch->region_budget ||
	       (walk->row && walk->nr == MAGE_REGION_ROW);
}

/*
 * A thread of a process that has its address space, locked: the first may have ended, and others
 * go on.  One that is passed over counts as an entry, as there may be very many.
 */
static struct task_struct *mage_process_lock(struct mage_batch *batch, u32 process)
{
	struct task_struct *leader = find_task_by_pid_ns(process, &init_pid_ns);
	struct task_struct *task;

	if (!leader)
		return NULL;
	for_each_thread(leader, task) {
		if (!batch->region_budget)
			return NULL;
		task_lock(task);
		if (task->mm)
			return task;
		task_unlock(task);
		mage_region_charge(batch, 1);
	}
	return NULL;
}

/*
 * The address space of a process whose memory is charged to the domain's cgroup.  Of a task
 * that is locked the mm stays, though not with a user if it is a thread of the kernel's own that
 * has borrowed it.
 */
static struct mm_struct *mage_process_mm_get(struct mage_batch *batch, u32 process)
{
	const struct mage_domain *domain = batch->domain;
	struct mm_struct *mm = ERR_PTR(-EXDEV);
	struct task_struct *task;

	guard(rcu)();
	task = mage_process_lock(batch, process);
	if (!task)
		return ERR_PTR(-ESRCH);
	if (mem_cgroup_from_task(rcu_dereference(task->mm->owner)) == domain->memcg) {
		mm = task->mm;
		if (!mmget_not_zero(mm))
			mm = ERR_PTR(-ESRCH);
	}
	task_unlock(task);
	return mm;
}

/* The frame of an entry, if the page is the domain's: under the page table's lock. */
static struct mage_frame *mage_region_frame(const struct mage_domain *domain, pte_t entry)
{
	struct mage_frame *frame = pte_special(entry) ? NULL : mage_frame_by_pfn(pte_pfn(entry));

	return frame && mage_frame_domain_id(frame) == domain->shards.id ? frame : NULL;
}

/*
 * Marks of a page with other mappings are under the locks of their page tables, too, so that
 * such a page keeps its accessed bit.  One that is mapped here only stays so while we have this
 * lock: a fork takes it.
 */
static void mage_region_count(struct mage_region_walk *walk, struct vm_area_struct *vma, pte_t *pte,
			      struct mage_frame *frame)
{
	pte_t entry = ptep_get(pte);

	walk->seen->local++;
	if (!pte_young(entry))
		return;
	walk->seen->used++;
	if (folio_mapcount(pfn_folio(pte_pfn(entry))) != 1)
		return;
	ptep_test_and_clear_young(vma, walk->at, pte);
	mage_domain_used(walk->batch->domain, frame);
}

static bool mage_entry_is_far(pte_t entry)
{
	swp_entry_t far;

	if (!is_swap_pte(entry))
		return false;
	far = pte_to_swp_entry(entry);
	return !non_swap_entry(far) && mage_disk_of_type(swp_type(far));
}

/* Not what a walk has picked already, nor, in a batch for one node, what is on another. */
static bool mage_region_shows(const struct mage_batch *batch, const struct mage_frame *frame)
{
	return frame->state == MAGE_FRAME_LISTED &&
	       !(batch->node && pfn_to_nid(mage_frame_pfn(frame)) != mage_batch_nid(batch));
}

static void mage_region_look_at(struct mage_region_walk *walk, struct vm_area_struct *vma,
				pte_t *pte)
{
	pte_t entry = ptep_get(pte);
	struct mage_frame *frame;

	if (!pte_present(entry)) {
		if (walk->seen)
			walk->seen->far += mage_entry_is_far(entry);
		return;
	}
	frame = mage_region_frame(walk->batch->domain, entry);
	if (frame && walk->seen)
		mage_region_count(walk, vma, pte, frame);
	else if (frame && mage_region_shows(walk->batch, frame))
		walk->row[walk->nr++] = frame;
}

/* A page table, or the part of it that is an area's; false if there is none. */
static bool mage_region_walk_table(struct mage_region_walk *walk, struct vm_area_struct *vma,
				   unsigned long end)
{
	while (walk->at < end && !mage_region_is_over(walk)) {
		unsigned long hold = min(end, walk->at + MAGE_REGION_HOLD * PAGE_SIZE);
		pmd_t *pmd = mm_find_pmd(walk->mm, walk->at);
		pte_t *first, *pte;
		spinlock_t *ptl;	/* of the page table */

		first = pmd ? pte_offset_map_lock(walk->mm, pmd, walk->at, &ptl) : NULL;
		if (!first)
			return false;
		for (pte = first; walk->at < hold && !mage_region_is_over(walk); pte++) {
			mage_region_charge(walk->batch, 1);
			mage_region_look_at(walk, vma, pte);
			walk->at += PAGE_SIZE;
		}
		pte_unmap_unlock(first, ptl);
	}
	return true;
}

/* Two mebibytes of an area at most, so that who wants to change it need not wait for long. */
static void mage_region_walk_area(struct mage_region_walk *walk, struct vm_area_struct *vma)
{
	unsigned long end = min(walk->end, vma->vm_end);
	unsigned long table = min(end, (walk->at & PMD_MASK) + PMD_SIZE);

	mage_region_charge(walk->batch, 1);
	/* What cannot be evicted is not Mage's. */
	if (!vma->anon_vma || is_vm_hugetlb_page(vma) || !mage_vma_is_eligible(vma))
		walk->at = end;
	else if (!mage_region_walk_table(walk, vma, table))
		walk->at = table;
}

/* The area of the next page that has one, locked; NULL at the end, or if it is changed just now. */
static struct vm_area_struct *mage_region_next_area(struct mage_region_walk *walk)
{
	MA_STATE(mas, &walk->mm->mm_mt, walk->at, walk->at);
	struct vm_area_struct *vma = mas_find(&mas, walk->end - 1);

	walk->at = vma ? clamp(READ_ONCE(vma->vm_start), walk->at, walk->end) : walk->end;
	return walk->at < walk->end ? lock_vma_under_rcu(walk->mm, walk->at) : NULL;
}

/*
 * Goes as far as it may; -EAGAIN if that ends where somebody changes the address space, -ESRCH if
 * the process ends: its memory is not to wait for us.
 */
static int mage_region_walk_mm(struct mage_region_walk *walk)
{
	while (!mage_region_is_over(walk) && mage_batch_goes_on(walk->batch)) {
		struct vm_area_struct *vma;

		if (atomic_read(&walk->mm->mm_users) == 1)
			return -ESRCH;
		/* Areas that are found are freed after a grace period. */
		guard(rcu)();
		vma = mage_region_next_area(walk);
		if (!vma)
			return walk->at < walk->end ? -EAGAIN : 0;
		mage_region_walk_area(walk, vma);
		vma_end_read(vma);
	}
	return 0;
}

static int mage_region_walk(struct mage_region_walk *walk, u32 process)
{
	struct mm_struct *mm = mage_process_mm_get(walk->batch, process);
	int err;

	mage_region_charge(walk->batch, MAGE_REGION_CALL);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	walk->mm = mm;
	err = mage_region_walk_mm(walk);
	/* If the process has ended meanwhile, its memory is freed by a work: that sleeps. */
	mmput_async(mm);
	return err;
}

static bool mage_region_may_begin(struct mage_batch *batch)
{
	return mage_batch_goes_on(batch) &&
	       mage_batch_may_look(batch, batch->region_budget, batch->region_most,
				   "looks at regions");
}

/* Cuts a region to whole pages of what a process may have; false if nothing is left. */
static bool mage_region_cut(u64 start, u64 end, unsigned long *from, unsigned long *to)
{
	*to = PAGE_ALIGN(min_t(u64, end, TASK_SIZE_MAX));
	*from = min_t(u64, start, TASK_SIZE_MAX) & PAGE_MASK;
	return *from < *to;
}

/* The area is kept by the lock of its anon_vma, and so is the mm, of which it is a part. */
static int mage_mapping_process(struct mage_mapping *map, void *arg)
{
	const struct task_struct *owner;
	u32 *process = arg;

	guard(rcu)();
	owner = rcu_dereference(map->vma->vm_mm->owner);
	*process = owner ? owner->tgid : 0;
	return 0;
}

/* False if no more frames are found.  What was found before it had to give up is shown. */
static bool mage_region_find_row(struct mage_region_frames *frames)
{
	struct mage_region_walk walk = {
		.batch = frames->batch,
		.at = frames->at,
		.end = frames->end,
		.row = frames->row,
	};

	if (mage_region_is_over(&walk))
		return false;
	mage_region_walk(&walk, frames->process);
	frames->at = walk.at;
	frames->nr = walk.nr;
	frames->shown = 0;
	return frames->nr;
}

__bpf_kfunc_start_defs();

/**
 * mage_frame_process() - the process that has a page mapped
 * @batch: the batch that select or tick was given
 * @frame: the frame
 *
 * It is looked for in a page table, as mage_frame_accessed() does.  Of a page that processes
 * share it is one of them.  With mage_frame_address() it says where to look for what is beside
 * the page: mage_region_look().
 *
 * Return: id of the process, as of bpf_get_current_pid_tgid() >> 32; 0 when the page left
 * meanwhile, is mapped nowhere, or it cannot be told without waiting, or within the budget
 */
__bpf_kfunc u32 mage_frame_process(struct mage_batch *batch, struct mage_frame *frame)
{
	u32 process = 0;

	mage_frame_ask_mapping(batch, frame, mage_mapping_process, &process);
	return process;
}

/**
 * mage_region_look() - look at the pages of a region of an address space, and forget their use
 * @batch: the batch that select or tick was given
 * @process: id of the process, as of bpf_get_current_pid_tgid() >> 32, or of one of its threads
 * @start: address of the first page
 * @end: address after the last
 * @seen: filled, whatever is returned
 *
 * Counts the pages of the domain that are mapped there and those in far memory, and tests and
 * clears the accessed bits, as mage_frame_accessed() does, under one lock for many pages.  A
 * page that is mapped more than once keeps its bit.  Passed over are huge pages, locked areas
 * and others whose pages are not Mage's, and pages of other cgroups.
 *
 * Each entry of a page table counts against MAGE_REGION_BUDGET, and so do each two mebibytes of
 * an area, with a page table or without, an area that is passed over, and eight times the call
 * itself.  When the budget is spent the look ends, and @seen->next says where.  To go on after
 * that is the fault that it is for walks (MAGE_EXIT_OVER_BUDGET).
 *
 * Source: Linux 6.12, mm/damon/vaddr.c.
 *
 * Return: 0; -EAGAIN if an area is being changed just now, of which @seen->next is a page;
 * -ESRCH if there is no such process, or it ends; -EXDEV if its memory is another cgroup's;
 * -EINVAL if the region has no page that a process could have; -ENOSPC if the budget, or the
 * time of the call, was spent before
 */
__bpf_kfunc int mage_region_look(struct mage_batch *batch, u32 process, u64 start, u64 end,
				 struct mage_region *seen)
{
	struct mage_region_walk walk = { .batch = batch, .seen = seen };
	u32 before = batch->region_budget;
	int err;

	*seen = (struct mage_region){ .next = start & PAGE_MASK };
	if (!mage_region_cut(start, end, &walk.at, &walk.end))
		return -EINVAL;
	if (!mage_region_may_begin(batch))
		return -ENOSPC;
	err = mage_region_walk(&walk, process);
	seen->next = walk.at;
	seen->looks = before - batch->region_budget;
	return err;
}

/**
 * bpf_iter_mage_region_new() - start to go through the frames of a region
 * @it: the iterator
 * @batch: the batch that select or tick was given
 * @process: as of mage_region_look()
 * @start: address of the first page
 * @end: address after the last
 *
 * From an address to the frames that are mapped from there on: those of the domain, in order of
 * their addresses, wherever they are on lists.  Passed over are victims, what a walk has picked,
 * and in a batch for one node the frames of others.  Their accessed bits stay.  Each frame
 * that is found counts against MAGE_WALK_BUDGET, and what is looked at to find them against
 * MAGE_REGION_BUDGET, as by mage_region_look().
 *
 * Return: 0, or -EINVAL if the region has no page that a process could have; it is empty then
 */
__bpf_kfunc int bpf_iter_mage_region_new(struct bpf_iter_mage_region *it, struct mage_batch *batch,
					 u32 process, u64 start, u64 end)
{
	struct mage_region_frames *frames = (void *)it;

	memset(it, 0, sizeof(*it));
	if (!mage_region_cut(start, end, &frames->at, &frames->end))
		return -EINVAL;
	frames->process = process;
	frames->batch = mage_region_may_begin(batch) &&
			mage_walk_may_begin(batch, "looks at regions") ? batch : NULL;
	return 0;
}

/**
 * bpf_iter_mage_region_next() - the next frame of a region
 * @it: the iterator
 *
 * The frames stay where they are.  In select it ends when the batch is full, too.
 *
 * Return: a frame that is no victim; NULL at the end, when a budget is spent, at an area that is
 * changed just now, and if the process is not there, ends, or is another cgroup's
 */
__bpf_kfunc struct mage_frame *bpf_iter_mage_region_next(struct bpf_iter_mage_region *it)
{
	struct mage_region_frames *frames = (void *)it;
	struct mage_batch *batch = frames->batch;

	while (batch && batch->walk_budget && (batch->scan || batch->nr < batch->max) &&
	       mage_batch_goes_on(batch)) {
		struct mage_frame *frame;

		if (frames->shown == frames->nr && !mage_region_find_row(frames))
			return NULL;
		batch->walk_budget--;
		frame = frames->row[frames->shown++];
		/* It may have been picked since it was found. */
		if (mage_region_shows(batch, frame))
			return frame;
	}
	return NULL;
}

/**
 * bpf_iter_mage_region_destroy() - end it
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_mage_region_destroy(struct bpf_iter_mage_region *it)
{
	/* Nothing is held from one row to the next. */
}

__bpf_kfunc_end_defs();
