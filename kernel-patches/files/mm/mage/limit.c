// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the limits of a domain's memory cgroup and its ancestors.
 */
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include "limit.h"
#include "domain.h"

/* What others may have below a limit further up, as a part of all. */
#define MAGE_OTHERS_SHARE	8

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
 * mage_memcg_protects() - whether anything is protected from a memory cgroup's limit
 * @memcg: the memory cgroup
 *
 * Return: false if nothing right below it is, as then nothing further down is either
 */
bool mage_memcg_protects(struct mem_cgroup *memcg)
{
	return atomic_long_read(&memcg->memory.children_min_usage) ||
	       atomic_long_read(&memcg->memory.children_low_usage);
}

/**
 * mage_limit_is_ours() - whether evictors make the room below a limit
 * @domain: a domain; the caller is in an RCU read-side section
 * @memcg: the limit's cgroup: the domain's, or one above it with no domain in between
 *
 * That of a cgroup without lists is met for the topmost domain below, as long as nearly
 * all that is there is that domain's, and nothing is protected, be it from the domain's own
 * limit, for which it gives.  Otherwise stock reclaim knows better who is to give, and asks
 * each domain for its share.
 *
 * Return: true if so
 */
bool mage_limit_is_ours(const struct mage_domain *domain, struct mem_cgroup *memcg)
{
	unsigned long all;

	if (memcg == domain->memcg)
		return true;
	all = page_counter_read(&memcg->memory);
	return page_counter_read(&domain->memcg->memory) >= all - all / MAGE_OTHERS_SHARE &&
	       !mage_memcg_protects(memcg) && !mage_memcg_protects(domain->memcg) &&
	       !mage_domain_over(memcg);
}

/**
 * mage_domain_limit() - pages that may be charged to a domain
 * @domain: the domain
 *
 * Return: the smallest limit of its memory cgroup and the ancestors, of those that are met
 * by evictors
 */
unsigned long mage_domain_limit(const struct mage_domain *domain)
{
	unsigned long limit = PAGE_COUNTER_MAX;
	struct mem_cgroup *memcg;

	rcu_read_lock();
	for (memcg = domain->memcg; memcg; memcg = parent_mem_cgroup(memcg)) {
		unsigned long its = mage_memcg_limit(memcg);

		domain = rcu_dereference(memcg->mage_domain) ?: domain;
		if (its < limit && mage_limit_is_ours(domain, memcg))
			limit = its;
	}
	rcu_read_unlock();
	return limit;
}

/**
 * mage_domain_room_uncharged() - pages that can be charged before a limit is met
 * @domain: the domain
 *
 * Any limit of its memory cgroup and the ancestors, whoever meets it.  For those who charge
 * come what may.
 *
 * Return: pages; negative above memory.high
 */
long mage_domain_room_uncharged(const struct mage_domain *domain)
{
	struct mem_cgroup *memcg;
	long room = LONG_MAX;

	for (memcg = domain->memcg; memcg; memcg = parent_mem_cgroup(memcg))
		room = min(room, mage_memcg_room(memcg));
	return room;
}

/**
 * mage_domain_room() - the same, and what evictors have left to faults, charged
 * @domain: the domain
 *
 * Return: pages; negative above memory.high
 */
long mage_domain_room(const struct mage_domain *domain)
{
	return mage_domain_room_uncharged(domain) + mage_pool_pages(domain->pool);
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
 * Each batch, and some faults, so that not each fault has to: others below the same limit
 * may fill what is left.  See @swap_is_scarce.
 */
void mage_domain_look_at_swap(struct mage_domain *domain)
{
	bool scarce = mage_memcg_swap_is_scarce(domain->memcg);

	if (READ_ONCE(domain->swap_is_scarce) != scarce)
		WRITE_ONCE(domain->swap_is_scarce, scarce);
}
