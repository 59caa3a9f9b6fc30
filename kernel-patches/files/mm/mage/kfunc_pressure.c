// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: functions for policies about what far memory costs a domain, and reclaim ahead
 * of need.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/psi.h>
#include "kfunc_pressure.h"
#include "ask.h"
#include "domain.h"
#include "evictor.h"
#include "limit.h"
#include "ops.h"
#include "room.h"

__bpf_kfunc_start_defs();

/**
 * mage_psi_ns() - how long a domain's threads have been stalled for want of memory
 * @domain: the policy's domain
 * @full: count only times in which none of them could run for it, not those in which some
 *	could not
 *
 * What memory.pressure of the cgroup and those below it says as "total", but in
 * nanoseconds.  The kernel adds it up every two seconds, and counts waits for room, and of
 * reads from far memory those of pages that came back soon.  Rates that are newer, and of
 * all reads, are in &struct mage_rates (fault_ns, wait_ns), for one domain alone.
 *
 * Return: nanoseconds since the cgroup was made; 0 if the kernel does not measure it
 */
__bpf_kfunc u64 mage_psi_ns(struct mage_domain *domain, bool full)
{
#ifdef CONFIG_PSI
	const struct psi_group *group;

	if (static_branch_likely(&psi_disabled))
		return 0;
	/*
	 * There as long as the cgroup is, to which the domain has a reference; none where
	 * it is measured for the machine alone ("cgroup_disable=pressure").
	 */
	group = cgroup_psi(domain->memcg->css.cgroup);
	if (!group)
		return 0;
	return READ_ONCE(group->total[PSI_AVGS][full ? PSI_MEM_FULL : PSI_MEM_SOME]);
#else
	return 0;
#endif
}

/**
 * mage_reclaim_ahead() - have pages evicted though there is room
 * @domain: the domain that tick was called for
 * @nr: how many
 *
 * The evictors come, and select is called, as if the pages were short; but nobody waits, so
 * select may leave out what it would not take, and with MAGE_OPS_SPARE_YOUNG pages that were
 * used are spared.  If it picks nothing at all, stock reclaim is asked, which takes page cache
 * first.  What is asked for does not add up: pages that were asked for before and are not
 * evicted yet count.  It is forgotten when it was not done within a few seconds.
 *
 * Pages of the domains below may go, too.  Nothing is asked for that memory.min or
 * memory.low of the cgroup protect, nor while anything is protected below it; each cgroup
 * below has ticks of its own.
 *
 * Return: pages asked for, at most @nr; 0 if none may be had, or the evictors could free
 * nothing just now
 */
__bpf_kfunc u32 mage_reclaim_ahead(struct mage_domain *domain, u32 nr)
{
	struct mem_cgroup *memcg = domain->memcg;
	unsigned long usage = page_counter_read(&memcg->memory);
	unsigned long kept = max(READ_ONCE(memcg->memory.min), READ_ONCE(memcg->memory.low));
	unsigned long pages = min(nr, MAGE_DEMAND_MAX);

	if (usage <= kept || mage_memcg_protects(memcg) || mage_room_seems_stalled(domain))
		return 0;
	pages = min3(pages, usage - kept, mage_shards_frames(&domain->shards));
	if (!pages)
		return 0;
	mage_room_demand(domain, pages);
	mage_evictors_kick();
	return pages;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(mage_stall_kfuncs)
BTF_ID_FLAGS(func, mage_psi_ns, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_stall_kfuncs)

/* A policy that asks whenever it is asked would never end. */
BTF_KFUNCS_START(mage_reclaim_kfuncs)
BTF_ID_FLAGS(func, mage_reclaim_ahead, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_reclaim_kfuncs)

static int mage_stall_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_stall_kfuncs, kfunc_id))
		return 0;
	return mage_prog_is_policy(prog) ? 0 : -EACCES;
}

static int mage_reclaim_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_reclaim_kfuncs, kfunc_id))
		return 0;
	if (!mage_prog_is_policy(prog) || prog->expected_attach_type != MAGE_OPS_INDEX(tick))
		return -EACCES;
	return 0;
}

static const struct btf_kfunc_id_set mage_pressure_sets[] = {
	{ .owner = THIS_MODULE, .set = &mage_stall_kfuncs, .filter = mage_stall_filter },
	{ .owner = THIS_MODULE, .set = &mage_reclaim_kfuncs, .filter = mage_reclaim_filter },
};

/**
 * mage_kfunc_is_of_pressure() - whether a function is one of these
 * @kfunc_id: its id
 */
bool mage_kfunc_is_of_pressure(u32 kfunc_id)
{
	return btf_id_set8_contains(&mage_stall_kfuncs, kfunc_id) ||
	       btf_id_set8_contains(&mage_reclaim_kfuncs, kfunc_id);
}

/**
 * mage_kfunc_pressure_init() - let policies call them
 *
 * Return: 0 or a negative errno
 */
int __init mage_kfunc_pressure_init(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(mage_pressure_sets) && !err; i++)
		err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &mage_pressure_sets[i]);
	return err;
}
