// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the begin and the end of a domain, and the pages that are there then.
 */
#include <linux/err.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include "../internal.h"
#include "govern.h"
#include "arrive.h"
#include "background.h"
#include "callback.h"
#include "domain.h"
#include "leave.h"
#include "rates.h"
#include "replace.h"
#include "tick.h"

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
		for (; pfn < end && !READ_ONCE(domain->shards.closing); pfn++) {
			struct page *page;
			struct folio *folio;
			bool ours;

			if (!(pfn % 1024))
				cond_resched();
			page = pfn_to_online_page(pfn);
			if (!page || !PageLRU(page) || PageTail(page))
				continue;
			folio = page_folio(page);
			if (mage_folio_is_listed(folio))
				continue;
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

/* Pages that other rooms hold for a moment are waited for this long at a time. */
#define MAGE_DRAIN_PAUSE	1

/* Hands every page of a closing domain to the stock LRU. */
static void mage_domain_drain(struct mage_domain *domain)
{
	unsigned int i, list;

	while (mage_shards_frames(&domain->shards) || atomic_read(&domain->in_flight)) {
		bool any = false;

		for (i = 0; i < domain->shards.nr; i++) {
			for (list = 0; list < MAGE_LISTS; list++) {
				struct mage_frame *frame;

				while ((frame = mage_frame_walk(&domain->shards.shard[i],
								list))) {
					struct folio *folio = mage_frame_folio(frame);

					if (mage_frame_pick(&domain->shards, frame)) {
						/* Isolated, perhaps, and coming back. */
						mage_frame_unwalk(&domain->shards, frame);
						break;
					}
					any = true;
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
 * @domain: the domain; the caller holds a reference
 * @even_governed: end its policy, too
 *
 * Its pages go to the stock LRU.  Pages in far memory stay there until they
 * are faulted in; they need no domain.  Does nothing when called again.  May sleep.
 *
 * Return: 0; -EBUSY if a policy is attached, and @even_governed is false
 */
int mage_domain_remove(struct mage_domain *domain, bool even_governed)
{
	struct bpf_link *link;
	bool closed;

	/*
	 * Both, so that who attaches a policy meanwhile, under the first of them, either
	 * finds the domain before its end begins, or does not find it.
	 */
	mutex_lock(&mage_domains_mutex);
	mutex_lock(&domain->policy_mutex);
	if (domain->link && !even_governed) {
		mutex_unlock(&domain->policy_mutex);
		mutex_unlock(&mage_domains_mutex);
		return -EBUSY;
	}
	link = mage_policy_end(domain, MAGE_EXIT_CGROUP, "the cgroup was removed");
	closed = mage_domain_close(domain);
	mutex_unlock(&domain->policy_mutex);
	mutex_unlock(&mage_domains_mutex);
	mage_policy_detach(link);
	if (!closed)
		return 0;

	wake_up_all(&domain->room_wait);
	mage_domain_drain(domain);
	flush_work(&domain->adopt_work);
	flush_work(&domain->eject_work);
	flush_work(&domain->stock_work);
	mage_tick_stop(domain);
	mage_domain_unbind(domain);
	return 0;
}

/* The cgroup is gone; or its policy was unloaded, and perhaps another attached since. */
static void mage_domain_offline_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(work, struct mage_domain, offline_work);

	mage_domain_remove(domain, READ_ONCE(domain->cgroup_gone));
	mage_domain_put(domain);
}

void __mage_memcg_offline(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = rcu_dereference(memcg->mage_domain);
	if (domain && mage_domain_get(domain)) {
		WRITE_ONCE(domain->cgroup_gone, true);
		if (!queue_work(system_unbound_wq, &domain->offline_work))
			mage_domain_put(domain);
	}
	rcu_read_unlock();
}

/**
 * mage_domain_new() - a domain of no cgroup, with empty lists and all its works
 *
 * Return: the domain, or NULL
 */
struct mage_domain *mage_domain_new(void)
{
	struct mage_domain *domain = mage_domain_alloc();

	if (!domain)
		return NULL;
	mage_policy_set_up(domain);
	mage_rates_set_up(domain);
	mage_background_set_up(domain);
	INIT_WORK(&domain->offline_work, mage_domain_offline_work);
	INIT_WORK(&domain->adopt_work, mage_domain_adopt_work);
	return domain;
}

/**
 * mage_domain_create() - make a cgroup a domain
 * @cgroup_id: inode number of the cgroup's directory
 * @policy: what governs it from the start
 * @link: the BPF link that holds @policy
 *
 * The caller holds mage_domains_mutex and has seen that there is none.  May sleep.
 *
 * Return: the domain; what mage_domain_bind() and the policy's init may return;
 * -ENOMEM
 */
struct mage_domain *mage_domain_create(u64 cgroup_id, struct mage_ops *policy,
				       struct bpf_link *link)
{
	struct mage_domain *domain = mage_domain_new();
	int err;

	if (!domain)
		return ERR_PTR(-ENOMEM);
	err = mage_domain_bind(domain, cgroup_id);
	if (err) {
		mage_domain_free(&domain->rcu);
		return ERR_PTR(err);
	}
	err = mage_policy_call_init(domain, policy);
	if (err) {
		mage_domain_put(domain);
		return ERR_PTR(err);
	}
	domain->link = link;
	domain->hears = mage_policy_hears(policy);
	RCU_INIT_POINTER(domain->policy, policy);
	mage_policy_takes_over(domain, policy);
	mage_domain_publish(domain);
	/*
	 * The cgroup may have been removed while init ran.  Either its end finds the
	 * domain, or we find that it has begun: CSS_DYING is set a grace period before.
	 */
	smp_mb();
	if (css_is_dying(&domain->memcg->css))
		__mage_memcg_offline(domain->memcg);
	return domain;
}
