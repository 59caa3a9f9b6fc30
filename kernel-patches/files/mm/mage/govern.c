// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: how a cgroup comes to be governed, with all that are below it, and ceases to
 * be, and the pages that are there then.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include "../internal.h"
#include "govern.h"
#include "arrive.h"
#include "background.h"
#include "domain.h"
#include "flight.h"
#include "leave.h"
#include "rates.h"
#include "recycle.h"
#include "replace.h"
#include "tick.h"

/* Under RCU: whether a memory cgroup is a root's, or below, and has lists. */
static bool mage_tree_has(struct mage_domain *root, struct mem_cgroup *memcg)
{
	return mage_domain_of(memcg) && mem_cgroup_is_descendant(memcg, root->memcg);
}

/**
 * mage_domain_adopt() - take in the pages that are there already
 * @root: a new root; the caller holds a reference
 *
 * Walks all memory, as the memory cgroups' LRU lists are not Mage's to walk.
 * A page that somebody holds at this moment stays on the stock LRU, where the
 * evictors find it.
 */
static void mage_domain_adopt(struct mage_domain *root)
{
	unsigned long pfn, end;
	int nid;

	for_each_online_node(nid) {
		pfn = node_start_pfn(nid);
		end = node_end_pfn(nid);
		for (; pfn < end && !READ_ONCE(root->shards.closing); pfn++) {
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
			       mage_tree_has(root, folio_memcg(folio));
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

	/* What has not arrived yet is dropped when it has, and has a reference until then. */
	mage_flights_drop_of_domain(domain);
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

/*
 * The end of a tree: all its domains are closed at once, so that no page comes to one of
 * them in another's place.  They go to @ended.
 */
static void mage_tree_close(struct mage_domain *root, struct list_head *ended)
{
	struct mage_domain *domain, *more;

	mutex_lock(&mage_tree_mutex);
	list_for_each_entry_safe(domain, more, &root->members, member) {
		mage_domain_withdraw(domain);
		mage_shards_close(&domain->shards);
		mage_queue_shut(&domain->queue, domain->memcg);
		mage_recycled_shut(domain);
		/* None if the cgroup is just going: then there is no page, either. */
		domain->held = mage_domain_get(domain);
		/* Its cgroup is not to be found by way of its id then. */
		if (!domain->held)
			mage_domain_unbind(domain);
		list_add_tail(&domain->member, ended);
	}
	mutex_unlock(&mage_tree_mutex);
}

/* Drains what mage_tree_close() has closed, and gives it up. */
static void mage_tree_drain(struct list_head *ended)
{
	struct mage_domain *domain, *more;

	if (list_empty(ended))
		return;
	list_for_each_entry(domain, ended, member)
		mage_queue_wake(&domain->queue);
	list_for_each_entry(domain, ended, member) {
		mage_domain_drain(domain);
		flush_work(&domain->adopt_work);
		flush_work(&domain->eject_work);
		flush_work(&domain->stock_work);
		mage_tick_stop(domain);
	}
	mutex_lock(&mage_tree_mutex);
	list_for_each_entry(domain, ended, member)
		if (domain->held)
			mage_domain_unbind(domain);
	mutex_unlock(&mage_tree_mutex);
	synchronize_rcu();
	list_for_each_entry_safe(domain, more, ended, member) {
		list_del_init(&domain->member);
		if (domain->held)
			mage_domain_put(domain);
		mage_domain_drop(domain);
	}
}

/**
 * struct mage_attaching - a policy is being attached to a cgroup, and its init runs
 * @node: on mage_attachments
 * @cgroup_id: the cgroup
 * @domain: what init is called for, with a reference: the cgroup's root; or the domain that
 *	is to be one
 * @was_root: it is the former
 * @made: it is the latter, and nobody finds it yet
 */
struct mage_attaching {
	struct list_head node;
	u64 cgroup_id;
	struct mage_domain *domain;
	bool was_root;
	bool made;
};

/* The attachments that are under way, one for a cgroup at most; under mage_domains_mutex. */
static LIST_HEAD(mage_attachments);

static bool mage_is_being_attached(u64 cgroup_id)
{
	struct mage_attaching *how;

	lockdep_assert_held(&mage_domains_mutex);
	list_for_each_entry(how, &mage_attachments, node)
		if (how->cgroup_id == cgroup_id)
			return true;
	return false;
}

/*
 * What governs the cgroup above a root's, and is to have the root's pages after it; its
 * policy_mutex is to be taken before the root's own.
 */
static struct mage_domain *mage_root_above(struct mage_domain *root)
{
	struct mage_domain *above;

	lockdep_assert_held(&mage_domains_mutex);
	/* Roots stay while the mutex is held. */
	rcu_read_lock();
	above = mage_domain_of(parent_mem_cgroup(root->memcg));
	if (above)
		above = mage_domain_root(above);
	rcu_read_unlock();
	return above;
}

/**
 * mage_domain_remove() - a cgroup is governed no more
 * @domain: its root; the caller holds a reference
 * @even_governed: end its policy, too
 *
 * If the cgroup above is governed the pages are under its policy from now on, where they are.
 * Else those of the whole tree go to the stock LRU, and what is in far memory stays
 * there until it is faulted in; it needs no domain.  Does nothing when called again.
 * May sleep.
 *
 * Return: 0; -EBUSY if a policy is attached, or being attached, and @even_governed is false
 */
int mage_domain_remove(struct mage_domain *domain, bool even_governed)
{
	struct mage_domain *above = NULL;
	struct mage_leaver leaver = {};
	struct bpf_link *link = NULL;
	LIST_HEAD(ended);
	int err = 0;

	/*
	 * All of them, so that who attaches a policy meanwhile, under the first, either
	 * finds the root before its end begins, or does not find it.
	 */
	mutex_lock(&mage_domains_mutex);
	if (list_empty(&domain->governed)) {
		mutex_unlock(&mage_domains_mutex);
		return 0;
	}
	above = mage_root_above(domain);
	if (above)
		mutex_lock(&above->policy_mutex);
	mutex_lock_nested(&domain->policy_mutex, SINGLE_DEPTH_NESTING);
	if (!even_governed && (domain->link || mage_is_being_attached(domain->cgroup_id))) {
		err = -EBUSY;
		goto unlock;
	}
	link = mage_policy_end(domain, MAGE_EXIT_CGROUP, "the cgroup was removed", &leaver);
	domain->unloaded = false;
	mutex_lock(&mage_tree_mutex);
	list_del_init(&domain->governed);
	mutex_unlock(&mage_tree_mutex);
	if (above)
		mage_policy_turn(domain, domain, above);
	else
		mage_tree_close(domain, &ended);
unlock:
	mutex_unlock(&domain->policy_mutex);
	if (above)
		mutex_unlock(&above->policy_mutex);
	mutex_unlock(&mage_domains_mutex);
	if (err)
		return err;
	mage_policy_see_off(domain, &leaver);
	mage_policy_detach(link);
	mage_tree_drain(&ended);
	static_branch_dec(&mage_active);
	mage_domain_put(domain);
	return 0;
}

/* The cgroup is gone; or its policy was unloaded, and perhaps another attached since. */
static void mage_domain_offline_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(work, struct mage_domain, offline_work);

	mage_domain_remove(domain, READ_ONCE(domain->cgroup_gone));
	mage_domain_put(domain);
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

/* A domain of a memory cgroup that has none, or an error; nobody finds it yet. */
static struct mage_domain *mage_domain_new_for(struct mem_cgroup *memcg, bool governed)
{
	struct mage_domain *domain;
	int err;

	if (!mage_domain_ids_left(governed))
		return ERR_PTR(-ENOSPC);
	domain = mage_domain_new();
	if (!domain)
		return ERR_PTR(-ENOMEM);
	err = mage_domain_bind(domain, memcg, governed);
	if (err) {
		mage_domain_free(&domain->rcu);
		return ERR_PTR(err);
	}
	return domain;
}

/* Gives a memory cgroup below a governed one lists of its own, in the tree of @above. */
static void mage_tree_grow(struct mem_cgroup *memcg, struct mage_domain *above)
{
	struct mage_domain *domain = mage_domain_new_for(memcg, false);

	if (IS_ERR(domain)) {
		pr_warn_once("cgroup %llu stays with the stock LRU, though one above it is governed, since %s; so do others that are made below it\n",
			     cgroup_id(memcg->css.cgroup), PTR_ERR(domain) == -ENOSPC ?
			     "there are too many governed cgroups" : "there was no memory");
		return;
	}
	mage_policy_follows(domain, above);
	mage_domain_join(domain, mage_domain_root(above));
	mage_domain_publish(domain);
	if (mage_tick_is_endless(domain))
		mage_tick_start(domain);
}

/* The domain of a memory cgroup's parent; it stays as long as the mutex is held. */
static struct mage_domain *mage_tree_parent(struct mem_cgroup *memcg)
{
	return rcu_dereference_protected(parent_mem_cgroup(memcg)->mage_domain,
					 lockdep_is_held(&mage_tree_mutex));
}

void __mage_memcg_online(struct mem_cgroup *memcg)
{
	struct mage_domain *above;

	mutex_lock(&mage_tree_mutex);
	above = mage_tree_parent(memcg);
	if (above && !rcu_access_pointer(memcg->mage_domain))
		mage_tree_grow(memcg, above);
	mutex_unlock(&mage_tree_mutex);
}

void __mage_memcg_offline(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = rcu_dereference(memcg->mage_domain);
	if (domain) {
		mage_queue_shut(&domain->queue, memcg);
		mage_recycled_shut(domain);
	}
	/* Others go on until their last page has gone, see mage_memcg_released(). */
	if (domain && mage_domain_is_root(domain) && mage_domain_get(domain)) {
		WRITE_ONCE(domain->cgroup_gone, true);
		if (!queue_work(system_unbound_wq, &domain->offline_work))
			mage_domain_put(domain);
	}
	rcu_read_unlock();
}

void __mage_memcg_released(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;

	mutex_lock(&mage_tree_mutex);
	domain = rcu_dereference_protected(memcg->mage_domain,
					   lockdep_is_held(&mage_tree_mutex));
	if (domain) {
		/* Also one that was made when its cgroup had gone offline. */
		mage_queue_shut(&domain->queue, memcg);
		mage_recycled_shut(domain);
		/* Pages and users would have kept the css: there are none. */
		mage_domain_withdraw(domain);
		mage_domain_unbind(domain);
	}
	mutex_unlock(&mage_tree_mutex);
	if (domain)
		mage_domain_drop(domain);
}

/* Publishes a new root, with a domain for each memory cgroup below it that has none. */
static void mage_tree_plant(struct mage_domain *root)
{
	struct cgroup_subsys_state *css;

	/* While that is held no cgroup is half there. */
	cgroup_lock();
	mutex_lock(&mage_tree_mutex);
	/* From the top, so that each finds the one above it; cgroups that are dying, too. */
	css_for_each_descendant_pre(css, &root->memcg->css) {
		struct mem_cgroup *memcg = mem_cgroup_from_css(css);
		struct mage_domain *above;

		if (memcg == root->memcg || rcu_access_pointer(memcg->mage_domain))
			continue;
		above = parent_mem_cgroup(memcg) == root->memcg ? root : mage_tree_parent(memcg);
		if (above)
			mage_tree_grow(memcg, above);
	}
	mage_domain_publish(root);
	mutex_unlock(&mage_tree_mutex);
	cgroup_unlock();
}

/* Gives up a domain that was to be a root, and is none. */
static void mage_nominee_put(struct mage_domain *domain, bool made)
{
	if (made) {
		mutex_lock(&mage_tree_mutex);
		mage_domain_unbind(domain);
		mutex_unlock(&mage_tree_mutex);
		mage_domain_drop(domain);
	}
	mage_domain_put(domain);
}

/*
 * The domain that is to be the root of a memory cgroup, to @how, with a reference.  One
 * that @how has is kept if that is the one, or nobody has made another meanwhile.
 */
static int mage_nominate(struct mage_attaching *how, struct mem_cgroup *memcg)
{
	struct mage_domain *domain, *before = how->domain;
	bool made_before = how->made;
	int err = 0;

	mutex_lock(&mage_tree_mutex);
	domain = rcu_dereference_protected(memcg->mage_domain,
					   lockdep_is_held(&mage_tree_mutex));
	if (!domain && made_before)
		domain = before;
	how->made = !domain || (domain == before && made_before);
	if (!domain)
		domain = mage_domain_new_for(memcg, true);
	if (IS_ERR(domain))
		err = PTR_ERR(domain);
	else if (domain != before)
		/* The caller has one to the css. */
		WARN_ON_ONCE(!mage_domain_get(domain));
	mutex_unlock(&mage_tree_mutex);
	how->domain = err ? NULL : domain;
	if (before && before != domain)
		mage_nominee_put(before, made_before);
	if (!err && !domain->root_stats)
		domain->root_stats = alloc_percpu(struct mage_root_stats);
	return err ?: domain->root_stats ? 0 : -ENOMEM;
}

/* A cgroup below a governed one gets a policy of its own. */
static void mage_domain_turn_root(struct mage_domain *domain, struct mage_ops *policy,
				  struct bpf_link *link)
{
	struct mage_domain *from = mage_domain_root(domain);

	mutex_lock(&from->policy_mutex);
	mutex_lock_nested(&domain->policy_mutex, SINGLE_DEPTH_NESTING);
	mage_root_stats_clear(domain->root_stats);
	memset(domain->called_before, 0, sizeof(domain->called_before));
	mage_policy_set_link(domain, link);
	RCU_INIT_POINTER(domain->policy, policy);
	mage_policy_turn(domain, from, domain);
	mutex_unlock(&domain->policy_mutex);
	mutex_unlock(&from->policy_mutex);
}

/* A domain that a policy was ejected from, or unloaded, gets one again. */
static int mage_root_govern(struct mage_domain *domain, struct mage_ops *policy,
			    struct bpf_link *link)
{
	struct mage_exit_info info = {};
	struct mage_leaver leaver = {};
	int err = 0;

	mutex_lock(&domain->policy_mutex);
	if (domain->link || domain->shards.closing) {
		err = -EBUSY;
	} else {
		mage_policy_set_link(domain, link);
		domain->unloaded = false;
		mage_policy_replace(domain, policy, &info, &leaver);
	}
	mutex_unlock(&domain->policy_mutex);
	/* What the kernel has built in has no exit. */
	WARN_ON_ONCE(leaver.policy);
	return err;
}

/* A cgroup comes to be governed; the caller holds a reference to the domain. */
static void mage_root_begin(struct mage_domain *domain, struct mage_ops *policy,
			    struct bpf_link *link)
{
	static_branch_inc(&mage_active);
	/* A root has one until mage_domain_remove(); the caller keeps its own. */
	WARN_ON_ONCE(!mage_domain_get(domain));
	if (mage_domain_is_root(domain)) {
		mage_policy_begin(domain, policy, link);
		mage_tree_plant(domain);
		if (mage_tick_is_endless(domain))
			mage_tick_start(domain);
	} else {
		mage_domain_turn_root(domain, policy, link);
	}
	mutex_lock(&mage_tree_mutex);
	list_add_tail(&domain->governed, &mage_governed);
	mutex_unlock(&mage_tree_mutex);
	/*
	 * The cgroup may have been removed while init ran.  Either its end finds the
	 * domain, or we find that it has begun: CSS_DYING is set a grace period before.
	 */
	smp_mb();
	if (css_is_dying(&domain->memcg->css))
		__mage_memcg_offline(domain->memcg);
}

/* Finds, or makes, the domain that init is to be called for. */
static int mage_attach_begin(struct mage_attaching *how)
{
	struct mem_cgroup *memcg;
	struct mage_domain *root;
	int err;

	mutex_lock(&mage_domains_mutex);
	root = mage_domain_find(how->cgroup_id);
	if (mage_is_being_attached(how->cgroup_id) ||
	    (root && (READ_ONCE(root->link) || !mage_domain_get(root)))) {
		err = -EBUSY;
	} else if (root) {
		how->domain = root;
		how->was_root = true;
		err = 0;
	} else {
		memcg = mage_memcg_get(how->cgroup_id);
		err = PTR_ERR_OR_ZERO(memcg);
		if (!err) {
			err = mage_nominate(how, memcg);
			css_put(&memcg->css);
		}
	}
	if (!err)
		list_add(&how->node, &mage_attachments);
	mutex_unlock(&mage_domains_mutex);
	return err;
}

/*
 * The policy is ready, and governs from now on.  While its init ran neither another was attached
 * to the cgroup, nor was its root ended, unless the cgroup was removed; but cgroups above may
 * have come under a policy, or ceased to be, which makes and ends domains below.
 */
static int mage_attach_commit(struct mage_attaching *how, struct mage_ops *policy,
			      struct bpf_link *link)
{
	struct mage_domain *domain = how->domain;
	int err;

	lockdep_assert_held(&mage_domains_mutex);
	if (how->was_root)
		return list_empty(&domain->governed) ? -ENOENT :
		       mage_root_govern(domain, policy, link);
	err = mage_nominate(how, domain->memcg);
	if (!err)
		mage_root_begin(how->domain, policy, link);
	return err;
}

/* A root whose end was put off for a policy that did not come. */
static void mage_root_is_left(struct mage_domain *domain)
{
	bool unloaded;

	mutex_lock(&domain->policy_mutex);
	unloaded = domain->unloaded;
	mutex_unlock(&domain->policy_mutex);
	if (unloaded && mage_domain_get(domain) &&
	    !queue_work(system_unbound_wq, &domain->offline_work))
		mage_domain_put(domain);
}

/**
 * mage_domain_attach() - attach a policy to a cgroup
 * @cgroup_id: inode number of the cgroup's directory
 * @policy: what is to govern it
 * @link: the BPF link that holds @policy
 * @created: set to whether the cgroup had no policy of its own before, so that there may be
 *	pages to be taken in
 *
 * While init runs no lock is held, and other attachments to the same cgroup are refused.
 * If this one fails after that, exit is not called.  May sleep.
 *
 * Return: the root, with a reference; -EBUSY if the cgroup has a policy, or is just getting
 * one; -ENOENT if it was removed; what mage_memcg_get(), mage_domain_bind() and the
 * policy's init may return; -ENOMEM
 */
struct mage_domain *mage_domain_attach(u64 cgroup_id, struct mage_ops *policy,
				       struct bpf_link *link, bool *created)
{
	struct mage_attaching how = { .cgroup_id = cgroup_id };
	int err;

	err = mage_attach_begin(&how);
	if (err)
		goto put;
	err = mage_policy_call_init(how.domain, policy);
	mutex_lock(&mage_domains_mutex);
	list_del(&how.node);
	if (!err)
		err = mage_attach_commit(&how, policy, link);
	mutex_unlock(&mage_domains_mutex);
	if (!err) {
		*created = !how.was_root;
		return how.domain;
	}
	if (how.was_root)
		mage_root_is_left(how.domain);
put:
	if (how.domain)
		mage_nominee_put(how.domain, how.made);
	return ERR_PTR(err);
}
