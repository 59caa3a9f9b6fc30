// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the limits of a domain's memory cgroup and its ancestors.
 */
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include "limit.h"
#include "domain.h"

/**
 * mage_memcg_limit() - pages that may be charged to a memory cgroup, for itself
 * @memcg: the memory cgroup
 *
 * Return: its limit, PAGE_COUNTER_MAX for none
 */
unsigned long mage_memcg_limit(const struct mem_cgroup *memcg)
{
	return min(READ_ONCE(memcg->memory.max), READ_ONCE(memcg->memory.high));
}

/**
 * mage_memcg_room() - pages that can be charged before a memory cgroup's own limit is met
 * @memcg: the memory cgroup
 *
 * Return: pages; negative above memory.high
 */
long mage_memcg_room(struct mem_cgroup *memcg)
{
	return (long)(mage_memcg_limit(memcg) - page_counter_read(&memcg->memory));
}

/**
 * mage_domain_limit() - pages that may be charged to a domain
 * @domain: the domain
 *
 * Return: the smallest limit of its memory cgroup and the ancestors
 */
unsigned long mage_domain_limit(const struct mage_domain *domain)
{
	unsigned long limit = PAGE_COUNTER_MAX;
	struct mem_cgroup *memcg;

	for (memcg = domain->memcg; memcg; memcg = parent_mem_cgroup(memcg))
		limit = min(limit, mage_memcg_limit(memcg));
	return limit;
}

/**
 * mage_domain_room() - pages that can be charged before a limit is met
 * @domain: the domain
 *
 * Return: pages; negative above memory.high
 */
long mage_domain_room(const struct mage_domain *domain)
{
	struct mem_cgroup *memcg;
	long room = LONG_MAX;

	for (memcg = domain->memcg; memcg; memcg = parent_mem_cgroup(memcg))
		room = min(room, mage_memcg_room(memcg));
	return room;
}

/* Whether three quarters of memory.swap.max or memory.swap.high are used, on any level. */
static bool mage_memcg_swap_is_scarce(struct mem_cgroup *memcg)
{
	for (; memcg && !mem_cgroup_is_root(memcg); memcg = parent_mem_cgroup(memcg)) {
		unsigned long most = min(READ_ONCE(memcg->swap.max), READ_ONCE(memcg->swap.high));

		if (page_counter_read(&memcg->swap) >= most / 4 * 3)
			return true;
	}
	return false;
}

/**
 * mage_domain_look_at_swap() - look whether kept far copies stand in the way of others
 * @domain: the domain
 *
 * Once a batch, so that not each fault has to: see @swap_is_scarce.
 */
void mage_domain_look_at_swap(struct mage_domain *domain)
{
	bool scarce = mage_memcg_swap_is_scarce(domain->memcg);

	if (READ_ONCE(domain->swap_is_scarce) != scarce)
		WRITE_ONCE(domain->swap_is_scarce, scarce);
}
