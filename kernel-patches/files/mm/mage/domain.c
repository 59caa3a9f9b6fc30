// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: domains, and which cgroup has which.
 */
#include <linux/cgroup.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/slab.h>
#include "domain.h"

/*
 * Lock order, outermost first:
 *
 *   the BPF struct_ops update mutex
 *     mage_domains_mutex     creation and removal of domains
 *       domain->policy_mutex    change of a domain's policy
 *   page table lock
 *     LRU lock
 *       shard->lock            interrupts off; innermost but for per-CPU statistics
 *   mage_exits_lock          inside policy_mutex; nothing is taken under it
 *   the swap code's locks are taken with none of ours held
 */

/* Protects mage_domains, mage_domain_ids and creation against removal. */
DEFINE_MUTEX(mage_domains_mutex);

/* All domains; changed under mage_domains_mutex, walked under RCU. */
LIST_HEAD(mage_domains);

/* Domains by id, so that a frame names its domain in ten bits; under RCU. */
static struct mage_domain __rcu *mage_domain_ids[MAGE_DOMAIN_IDS];

/* Domains made so far, under mage_domains_mutex. */
static unsigned int mage_domain_generation;

/**
 * mage_domain_of() - the domain that governs a memory cgroup
 * @memcg: memory cgroup or NULL; the caller is in an RCU read-side section
 *
 * Return: the domain of the nearest ancestor that has one, or NULL
 */
struct mage_domain *mage_domain_of(struct mem_cgroup *memcg)
{
	for (; memcg; memcg = parent_mem_cgroup(memcg)) {
		struct mage_domain *domain = rcu_dereference(memcg->mage_domain);

		if (domain)
			return domain;
	}
	return NULL;
}

/**
 * mage_domain_get_of() - the domain that governs a memory cgroup, with a reference
 * @memcg: memory cgroup or NULL
 *
 * Return: the domain, or NULL
 */
struct mage_domain *mage_domain_get_of(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = mage_domain_of(memcg);
	if (domain && !mage_domain_get(domain))
		domain = NULL;
	rcu_read_unlock();
	return domain;
}

/**
 * mage_domain_by_id() - the domain that a frame names
 * @id: any number; the caller is in an RCU read-side section
 *
 * Return: the domain, or NULL
 */
struct mage_domain *mage_domain_by_id(unsigned int id)
{
	return id < MAGE_DOMAIN_IDS ? rcu_dereference(mage_domain_ids[id]) : NULL;
}

/**
 * mage_domain_find() - the domain of a cgroup, if it has one
 * @cgroup_id: inode number of the cgroup's directory; the caller holds
 *	mage_domains_mutex
 *
 * Return: the domain, or NULL
 */
struct mage_domain *mage_domain_find(u64 cgroup_id)
{
	struct mage_domain *domain;

	lockdep_assert_held(&mage_domains_mutex);
	list_for_each_entry(domain, &mage_domains, all)
		if (domain->cgroup_id == cgroup_id)
			return domain;
	return NULL;
}

/**
 * mage_domain_get() - take a reference
 * @domain: a domain that is found under RCU or is referenced already
 *
 * Return: false if the last one is gone
 */
bool mage_domain_get(struct mage_domain *domain)
{
	return refcount_inc_not_zero(&domain->refs);
}

/**
 * mage_domain_free() - give a domain's memory back
 * @rcu: the domain's, after the last grace period, or that of one that was never
 *	published
 */
void mage_domain_free(struct rcu_head *rcu)
{
	struct mage_domain *domain = container_of(rcu, struct mage_domain, rcu);

	free_percpu(domain->stats);
	mage_shards_free(&domain->shards);
	kvfree(domain->scan);
	kfree(domain);
}

/**
 * mage_domain_put() - drop a reference
 * @domain: the domain; any context
 */
void mage_domain_put(struct mage_domain *domain)
{
	if (!refcount_dec_and_test(&domain->refs))
		return;
	css_put(&domain->memcg->css);
	call_rcu(&domain->rcu, mage_domain_free);
}

/* The memory cgroup of a cgroup directory, with a reference, or an error. */
static struct mem_cgroup *mage_memcg_get(u64 cgroup_id)
{
	struct cgroup *cgrp = cgroup_get_from_id(cgroup_id);
	struct cgroup_subsys_state *css;

	if (IS_ERR(cgrp))
		return ERR_CAST(cgrp);
	css = cgroup_get_e_css(cgrp, &memory_cgrp_subsys);
	/* An ancestor's: the memory controller is not enabled for this one. */
	if (css && css->cgroup != cgrp) {
		css_put(css);
		css = NULL;
	}
	cgroup_put(cgrp);
	if (!css)
		return ERR_PTR(-EOPNOTSUPP);
	if (mem_cgroup_is_root(mem_cgroup_from_css(css))) {
		css_put(css);
		return ERR_PTR(-EINVAL);
	}
	return mem_cgroup_from_css(css);
}

/*
 * What every fault reads and what evictors write share no line.  (One fault in eight
 * reads @turnover and @extra_room.)
 */
static void mage_domain_check_layout(void)
{
#define CHECK(group, member) CACHELINE_ASSERT_GROUP_MEMBER(struct mage_domain, group, member)
	CHECK(read_mostly, shards);
	CHECK(read_mostly, memcg);
	CHECK(read_mostly, policy);
	CHECK(read_mostly, ejected);
	CHECK(read_mostly, stats);
	CHECK(read_mostly, cgroup_id);
	CHECK(read_mostly, wanted_room);
	CHECK(read_mostly, retry_at);
	CHECK(read_mostly, stalled);
	CHECK(read_mostly, hears);
	CHECK(read_mostly, remembers);
	CHECK(read_mostly, ghost_tag);
	CHECK(evictors, in_flight);
	CHECK(evictors, fruitless);
	CHECK(evictors, victims);
	CHECK(evictors, progress);
	CHECK(evictors, clock);
	CHECK(evictors, walked);
	CHECK(evictors, sample_pfn);
	CHECK(evictors, turnover);
	CHECK(evictors, stock_debt);
	CHECK(evictors, stock_asked);
	CHECK(evictors, leaving);
	CHECK(evictors, leaving_at);
	CHECK(evictors, stock_only);
	CHECK(evictors, idle_rounds);
	CHECK(evictors, next_shard);
	CHECK(evictors, bad_picks);
	CHECK(evictors, batch_size);
	CHECK(evictors, late);
	CHECK(evictors, in_vain);
	CHECK(evictors, write_failed_at);
	CHECK(evictors, asked_at);
	CHECK(waiters, room_wait);
	CHECK(waiters, nr_waiting);
	CHECK(waiters, prefetching);
	CHECK(waiters, demand);
	CHECK(waiters, demand_at);
	CHECK(waiters, awaited_until);
	CHECK(waiters, extra_room);
	CHECK(waiters, extra_at);
	CHECK(waiters, hopeless);
#undef CHECK
	CACHELINE_ASSERT_GROUP_SIZE(struct mage_domain, read_mostly, 128);
}

/**
 * mage_domain_alloc() - a domain of no cgroup, with empty lists
 *
 * Its works are not set up, see mage_domain_new().
 *
 * Return: the domain, or NULL
 */
struct mage_domain *mage_domain_alloc(void)
{
	struct mage_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	mage_domain_check_layout();
	if (!domain)
		return NULL;
	domain->stats = alloc_percpu(struct mage_stats);
	if (mage_shards_init(&domain->shards) || !domain->stats) {
		mage_domain_free(&domain->rcu);
		return NULL;
	}
	refcount_set(&domain->refs, 1);
	mutex_init(&domain->policy_mutex);
	spin_lock_init(&domain->eject_lock);
	init_waitqueue_head(&domain->room_wait);
	domain->wanted_room = MAGE_HEADROOM_DEFAULT;
	domain->awaited_until = jiffies;
	/* Progress begins at 0. */
	domain->hopeless = -1;
	return domain;
}

/**
 * mage_domain_bind() - give a domain a cgroup and an id
 * @domain: what mage_domain_alloc() returned
 * @cgroup_id: inode number of the cgroup's directory
 *
 * The caller holds mage_domains_mutex and has seen that the cgroup has none.
 *
 * Return: 0; -ENOENT for no such cgroup; -EINVAL for the root; -EOPNOTSUPP without
 * the memory controller; -ENOSPC for too many domains
 */
int mage_domain_bind(struct mage_domain *domain, u64 cgroup_id)
{
	struct mem_cgroup *memcg;
	unsigned int id;

	lockdep_assert_held(&mage_domains_mutex);
	for (id = 1; id < MAGE_DOMAIN_IDS; id++)
		if (!rcu_access_pointer(mage_domain_ids[id]))
			break;
	if (id == MAGE_DOMAIN_IDS)
		return -ENOSPC;
	memcg = mage_memcg_get(cgroup_id);
	if (IS_ERR(memcg))
		return PTR_ERR(memcg);
	domain->shards.id = id;
	/* Records of the 63 domains that had the id before are not this one's. */
	domain->ghost_tag = id | mage_domain_generation++ * MAGE_DOMAIN_IDS;
	domain->cgroup_id = cgroup_id;
	domain->memcg = memcg;
	domain->shards.memcg = memcg;
	return 0;
}

/**
 * mage_domain_publish() - from now on pages of its cgroup are the domain's
 * @domain: a domain that is bound and governed
 *
 * The caller holds mage_domains_mutex.
 */
void mage_domain_publish(struct mage_domain *domain)
{
	lockdep_assert_held(&mage_domains_mutex);
	static_branch_inc(&mage_active);
	rcu_assign_pointer(mage_domain_ids[domain->shards.id], domain);
	list_add_tail_rcu(&domain->all, &mage_domains);
	rcu_assign_pointer(domain->memcg->mage_domain, domain);
}

/**
 * mage_domain_close() - no page comes to a domain any more, and nobody finds it
 * @domain: a published domain
 *
 * The caller holds mage_domains_mutex.
 *
 * Return: false if it was closed already
 */
bool mage_domain_close(struct mage_domain *domain)
{
	lockdep_assert_held(&mage_domains_mutex);
	if (domain->shards.closing)
		return false;
	rcu_assign_pointer(domain->memcg->mage_domain, NULL);
	list_del_rcu(&domain->all);
	mage_shards_close(&domain->shards);
	return true;
}

/**
 * mage_domain_unbind() - give a domain's id back
 * @domain: a closed domain without frames, by which those would name it
 *
 * Drops the reference of being attached.
 */
void mage_domain_unbind(struct mage_domain *domain)
{
	mutex_lock(&mage_domains_mutex);
	RCU_INIT_POINTER(mage_domain_ids[domain->shards.id], NULL);
	static_branch_dec(&mage_active);
	mutex_unlock(&mage_domains_mutex);
	mage_shards_tell(&domain->shards);
	synchronize_rcu();
	mage_domain_put(domain);
}
