// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: how long a thread may wait for others that free pages.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include "patience.h"

/*
 * Whether the current task has its address space locked for writing, as fork and mremap
 * do while they allocate.  Nobody else makes it the owner, or no owner any more.
 */
static bool mage_holds_mmap_lock(void)
{
	struct mm_struct *mm = current->mm;

	if (!mm)
		return false;
#ifdef CONFIG_PREEMPT_RT
	/* The lowest bit says that others want it. */
	return ((unsigned long)READ_ONCE(mm->mmap_lock.rwbase.rtmutex.owner) & ~1UL) ==
	       (unsigned long)current;
#else
	/* Of a reader, who may be named too, the lowest bit is set. */
	return atomic_long_read(&mm->mmap_lock.owner) == (long)current;
#endif
}

/**
 * mage_patience() - how long the current task may wait
 * @gfp_mask: for what it does with it
 *
 * Who is killed goes at once.  Who may not enter file systems or start writes holds
 * something that others need to free memory; who has an address space locked keeps its
 * threads from faulting; a kernel thread has other work to do than this cgroup's, and
 * cannot be killed, neither can a thread that exits.  Who can do with less, such as small
 * pages for a large one, asks once.
 */
enum mage_patience mage_patience(gfp_t gfp_mask)
{
	gfp_mask = current_gfp_context(gfp_mask);
	if (fatal_signal_pending(current) || tsk_is_oom_victim(current))
		return MAGE_WAIT_NOT;
	if (!(gfp_mask & __GFP_IO) || gfp_mask & __GFP_NORETRY)
		return MAGE_WAIT_ONCE;
	if (!(gfp_mask & __GFP_FS) || current->flags & (PF_KTHREAD | PF_EXITING) ||
	    mage_holds_mmap_lock())
		return MAGE_WAIT_SHORT;
	return MAGE_WAIT_LONG;
}
