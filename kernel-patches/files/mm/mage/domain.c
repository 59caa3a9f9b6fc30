// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: domains, from their first policy to the end of their cgroup.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/cgroup.h>
#include <linux/rmap.h>
#include <linux/slab.h>
#include "../internal.h"
#include "internal.h"

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
 * mage_domain_by_id() - the domain that a frame names
 * @id: any number; the caller is in an RCU read-side section
 */
struct mage_domain *mage_domain_by_id(unsigned int id)
{
	return id < MAGE_DOMAIN_IDS ? rcu_dereference(mage_domain_ids[id]) : NULL;
}

/**
 * mage_domain_find() - the domain of a cgroup, if it has one
 * @cgroup_id: inode number of the cgroup's directory; the caller holds
 *	mage_domains_mutex
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

bool mage_domain_get(struct mage_domain *domain)
{
	return refcount_inc_not_zero(&domain->refs);
}

/* For KUnit too, which has no use for the rest of a domain. */
void mage_domain_free(struct rcu_head *rcu)
{
	struct mage_domain *domain = container_of(rcu, struct mage_domain, rcu);

	free_percpu(domain->stats);
	kvfree(domain->shards);
	kvfree(domain->scan);
	kfree(domain);
}

void mage_domain_put(struct mage_domain *domain)
{
	if (!refcount_dec_and_test(&domain->refs))
		return;
	css_put(&domain->memcg->css);
	call_rcu(&domain->rcu, mage_domain_free);
}

static void mage_domain_offline_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(work, struct mage_domain, offline_work);

	mage_policy_end(domain, MAGE_EXIT_CGROUP, "the cgroup was removed");
	mage_domain_remove(domain);
	mage_domain_put(domain);
}

/**
 * mage_domain_adopt() - take in the pages that are there already
 * @domain: a new domain; the caller holds a reference
 *
 * Walks all memory, as the memory cgroup's LRU lists are not Mage's to walk.
 * A page that somebody holds at this moment stays on the stock LRU, where the
 * evictors find it.
 */
static void mage_domain_adopt(struct mage_domain *domain)
{
	unsigned long pfn, end;
	int nid;

	for_each_online_node(nid) {
		pfn = node_start_pfn(nid);
		end = node_end_pfn(nid);
		for (; pfn < end && !READ_ONCE(domain->closing); pfn++) {
			struct page *page;
			struct folio *folio;
			bool ours;

			if (!(pfn % 1024))
				cond_resched();
			page = pfn_to_online_page(pfn);
			if (!page || !PageLRU(page) || PageTail(page))
				continue;
			folio = page_folio(page);
			if (!folio_try_get(folio))
				continue;
			rcu_read_lock();
			ours = folio_test_lru(folio) && mage_folio_is_eligible(folio) &&
			       mage_domain_of(folio_memcg(folio)) == domain;
			rcu_read_unlock();
			if (ours && folio_isolate_lru(folio)) {
				if (mage_folio_enter(folio, MAGE_PAGE_IN_ADOPTED))
					folio_put(folio);
				else
					folio_putback_lru(folio);
			}
			folio_put(folio);
		}
	}
}

static void mage_domain_adopt_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(work, struct mage_domain, adopt_work);

	mage_domain_adopt(domain);
	mage_domain_put(domain);
}

void __mage_memcg_offline(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = rcu_dereference(memcg->mage_domain);
	if (domain && mage_domain_get(domain) &&
	    !queue_work(system_unbound_wq, &domain->offline_work))
		mage_domain_put(domain);
	rcu_read_unlock();
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

/* A domain of no cgroup, with empty lists. */
struct mage_domain *mage_domain_alloc(void)
{
	struct mage_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	unsigned int i, list;

	if (!domain)
		return NULL;
	domain->nr_shards = roundup_pow_of_two(nr_cpu_ids);
	domain->shards = kvcalloc(domain->nr_shards, sizeof(*domain->shards), GFP_KERNEL);
	domain->stats = alloc_percpu(struct mage_stats);
	if (!domain->shards || !domain->stats) {
		mage_domain_free(&domain->rcu);
		return NULL;
	}
	for (i = 0; i < domain->nr_shards; i++) {
		spin_lock_init(&domain->shards[i].lock);
		for (list = 0; list < MAGE_LISTS; list++)
			INIT_LIST_HEAD(&domain->shards[i].lists[list]);
	}
	refcount_set(&domain->refs, 1);
	mutex_init(&domain->policy_mutex);
	spin_lock_init(&domain->eject_lock);
	INIT_WORK(&domain->eject_work, mage_policy_eject_work);
	INIT_WORK(&domain->offline_work, mage_domain_offline_work);
	INIT_WORK(&domain->adopt_work, mage_domain_adopt_work);
	INIT_DELAYED_WORK(&domain->tick_work, mage_tick_work);
	init_waitqueue_head(&domain->room_wait);
	domain->wanted_room = MAGE_HEADROOM_DEFAULT;
	return domain;
}

/**
 * mage_domain_create() - make a cgroup a domain
 * @cgroup_id: inode number of the cgroup's directory
 * @policy: what governs it from the start
 * @link: the BPF link that holds @policy
 *
 * The caller holds mage_domains_mutex and has seen that there is none.
 *
 * Return: the domain; -ENOENT for no such cgroup; -EINVAL for the root;
 * -EOPNOTSUPP without the memory controller; -ENOSPC for too many domains;
 * -ENOMEM
 */
struct mage_domain *mage_domain_create(u64 cgroup_id, struct mage_ops *policy,
				       struct bpf_link *link)
{
	struct mage_domain *domain;
	struct mem_cgroup *memcg;
	unsigned int id;
	int err;

	lockdep_assert_held(&mage_domains_mutex);
	for (id = 1; id < MAGE_DOMAIN_IDS; id++)
		if (!rcu_access_pointer(mage_domain_ids[id]))
			break;
	if (id == MAGE_DOMAIN_IDS)
		return ERR_PTR(-ENOSPC);
	memcg = mage_memcg_get(cgroup_id);
	if (IS_ERR(memcg))
		return ERR_CAST(memcg);
	domain = mage_domain_alloc();
	if (!domain) {
		css_put(&memcg->css);
		return ERR_PTR(-ENOMEM);
	}
	domain->id = id;
	/* Records of a domain that had the id before are not this one's. */
	domain->ghost_tag = id | mage_domain_generation++ * MAGE_DOMAIN_IDS;
	domain->cgroup_id = cgroup_id;
	domain->memcg = memcg;
	domain->link = link;
	domain->hears = mage_policy_hears(policy);
	RCU_INIT_POINTER(domain->policy, policy);

	err = mage_policy_call_init(domain, policy);
	if (err) {
		mage_domain_put(domain);
		return ERR_PTR(err);
	}
	mage_policy_takes_over(domain, policy);
	static_branch_inc(&mage_active);
	rcu_assign_pointer(mage_domain_ids[id], domain);
	list_add_tail_rcu(&domain->all, &mage_domains);
	rcu_assign_pointer(memcg->mage_domain, domain);
	return domain;
}

/* Pages that other rooms hold for a moment are waited for this long at a time. */
#define MAGE_DRAIN_PAUSE	1

/* Hands every page of a closing domain to the stock LRU. */
static void mage_domain_drain(struct mage_domain *domain)
{
	unsigned int i, list;

	while (mage_domain_frames(domain) || atomic_read(&domain->in_flight)) {
		bool any = false;

		for (i = 0; i < domain->nr_shards; i++) {
			for (list = 0; list < MAGE_LISTS; list++) {
				struct mage_frame *frame;

				while ((frame = mage_frame_walk(domain, &domain->shards[i],
								list))) {
					struct folio *folio;

					any = true;
					folio = mage_frame_folio(frame);
					if (mage_frame_pick(domain, frame))
						continue;
					mage_folio_give_to_lru(domain, folio);
					folio_put(folio);
					cond_resched();
				}
			}
		}
		/* The rest is in a batch, or its last reference just went. */
		if (!any)
			schedule_timeout_uninterruptible(MAGE_DRAIN_PAUSE);
	}
}

/**
 * mage_domain_remove() - end a domain
 * @domain: the domain, governed by the built-in policy; the caller holds a
 *	reference
 *
 * Its pages go to the stock LRU.  Pages in far memory stay there until they
 * are faulted in; they need no domain.  Does nothing when called again.
 */
void mage_domain_remove(struct mage_domain *domain)
{
	unsigned int i;

	mutex_lock(&mage_domains_mutex);
	if (domain->closing) {
		mutex_unlock(&mage_domains_mutex);
		return;
	}
	rcu_assign_pointer(domain->memcg->mage_domain, NULL);
	list_del_rcu(&domain->all);
	for (i = 0; i < domain->nr_shards; i++) {
		/* Under each lock in turn: then no insertion is half done. */
		spin_lock_irq(&domain->shards[i].lock);
		domain->closing = true;
		spin_unlock_irq(&domain->shards[i].lock);
	}
	mutex_unlock(&mage_domains_mutex);

	wake_up_all(&domain->room_wait);
	mage_domain_drain(domain);
	flush_work(&domain->adopt_work);
	flush_work(&domain->eject_work);
	mage_tick_stop(domain);

	/* Frames name domains by id: give it back when no frame can. */
	mutex_lock(&mage_domains_mutex);
	RCU_INIT_POINTER(mage_domain_ids[domain->id], NULL);
	static_branch_dec(&mage_active);
	mutex_unlock(&mage_domains_mutex);
	synchronize_rcu();
	mage_domain_put(domain);
}
