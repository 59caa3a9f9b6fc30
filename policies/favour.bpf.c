// SPDX-License-Identifier: GPL-2.0-only
/*
 * favour - threads that must not wait get room before others
 *
 * Algorithm:	victims as clock.  When there is no room a favoured thread takes a page from a
 *		small reserve that evictors fill first; if that is empty it waits ahead of all
 *		others.  Favoured are threads with a nice value below a bound and those of the
 *		real-time classes, a process, or a single thread.
 * Source:	no paper.  Kernels keep such a reserve of memory for allocations that must not
 *		wait (in Linux below the min watermark); here it is one for threads.
 * When:	a thread that answers somebody shares the cgroup with others that use much memory,
 *		and its worst latencies count.
 * Approximates: it is about waits for room only, not about reads from far memory; and a
 *		thread that finds room never asks.  Of every five pages that go to waiting threads
 *		and the reserve one is for those that are not favoured, while such wait.
 */
#include "prefetch.bpf.h"

enum {
	NICE_0 = 120, /* a thread's priority at nice 0; each nice value adds its own */
};

MAGE_TUNABLE(s32, nice_below, 0, -19, 20,
	     "threads of a nice value below this are favoured, and real-time ones");
MAGE_TUNABLE(u32, tgid, 0, 0, 4194304, "so are all threads of this process; 0: none");
MAGE_TUNABLE(u32, tid, 0, 0, 4194304, "so is this thread; 0: none");
MAGE_TUNABLE(u32, reserve_pages, 32, 1, 64, "pages kept for favoured threads");

MAGE_COUNTER(u64, favoured, "times", "a favoured thread found no room");
MAGE_COUNTER(u64, others, "times", "another thread did");

static __always_inline bool is_favoured(void)
{
	u64 id = bpf_get_current_pid_tgid();

	if ((tgid && id >> 32 == tgid) || (tid && (u32)id == tid))
		return true;
	return bpf_get_current_task_btf()->normal_prio < NICE_0 + nice_below;
}

u32 MAGE_OP(favour_reserve, struct mage_domain *domain, u32 nr)
{
	if (!is_favoured()) {
		__sync_fetch_and_add(&others, 1);
		return 0;
	}
	__sync_fetch_and_add(&favoured, 1);
	return reserve_pages;
}

void MAGE_OP(favour_select, struct mage_domain *domain, struct mage_batch *batch)
{
	mage_batch_add_list(batch, 0, batch->max);
}

MAGE_POLICY(favour, .select = (void *)favour_select, .reserve = (void *)favour_reserve,
	    MAGE_PREFETCH, .flags = MAGE_OPS_SPARE_YOUNG);
