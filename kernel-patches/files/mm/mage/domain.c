// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: domains, and which cgroup has which.
 */
#include <linux/bitmap.h>
#include <linux/cgroup.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/slab.h>
#include "domain.h"

/* A demand is forgotten so long after it was raised last. */
#define MAGE_DEMAND_LASTS	(10 * HZ)

/*
 * Lock order, outermost first:
 *
 *   the update mutex of a BPF struct_ops link
 *     mage_domains_mutex     cgroups come to be governed, and cease to be
 *       domain->policy_mutex    change of a domain's policy; an ancestor's first
 *       the cgroup mutex
 *         mage_tree_mutex       which domain is where, and whose
 *   page table lock
 *     LRU lock
 *       shard->lock            interrupts off; innermost but for per-CPU statistics
 *   mage_exits_lock          inside policy_mutex; nothing is taken under it
 *   mage_victims_lock        inside mage_tree_mutex; likewise
 *   the swap code's locks are taken with none of ours held
 */

/* Roots come and go under it.  Neither init nor exit of a policy is called under it. */
DEFINE_MUTEX(mage_domains_mutex);

/*
 * The domains that a policy was attached to.  It changes under mage_domains_mutex and
 * mage_tree_mutex, and is walked under either.
 */
LIST_HEAD(mage_governed);

/*
 * Protects the shape of the trees: mage_domains, the ids, mem_cgroup.mage_domain and
 * which root a domain has.  The kernel's cgroup code takes it when a cgroup comes or
 * goes; nothing is waited for under it but memory and, when ids are short, RCU.
 */
DEFINE_MUTEX(mage_tree_mutex);

/* All domains; changed under mage_tree_mutex, walked under RCU. */
LIST_HEAD(mage_domains);

/* Domains by id, so that a frame names its domain in ten bits; under RCU. */
static struct mage_domain __rcu *mage_domain_ids[MAGE_DOMAIN_IDS];

/*
 * Protects changes of victims and late, so that a domain that comes to stand above others
 * has theirs once.  Evictors take it a few times a batch.
 */
static DEFINE_SPINLOCK(mage_victims_lock);

/* Ids that domains have, given back without a lock; and the next one to try. */
static DECLARE_BITMAP(mage_domain_id_used, MAGE_DOMAIN_IDS);
static unsigned int mage_domain_next_id = 1;

/* Domains that are bound; those that have had an id so far.  Under mage_tree_mutex. */
static unsigned int mage_domains_bound;
static u8 mage_domain_generations[MAGE_DOMAIN_IDS];

/* Ids that are kept for cgroups that a policy is attached to. */
#define MAGE_GOVERNED_IDS	128

/**
 * mage_domain_over() - the domain that stands above a memory cgroup
 * @memcg: memory cgroup; the caller is in an RCU read-side section
 *
 * Return: that of the nearest ancestor which has one, whatever governs it, or NULL
 */
struct mage_domain *mage_domain_over(struct mem_cgroup *memcg)
{
	struct mage_domain *domain = NULL;

	while (!domain && (memcg = parent_mem_cgroup(memcg)))
		domain = rcu_dereference(memcg->mage_domain);
	return domain;
}

/**
 * mage_domain_above() - the domain that stands above another
 * @domain: the domain; the caller is in an RCU read-side section
 *
 * Return: that of the nearest ancestor which has one, whatever governs it, or NULL
 */
struct mage_domain *mage_domain_above(const struct mage_domain *domain)
{
	return mage_domain_over(domain->memcg);
}

/**
 * mage_domain_get_of() - the domain of a memory cgroup, with a reference
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
 * mage_domain_get_next() - go through the domains without a lock
 * @id: where to begin, 0 for the first; set to where to go on
 *
 * Those that come or go meanwhile may be missed.
 *
 * Return: a domain with a reference, NULL if there is none left
 */
struct mage_domain *mage_domain_get_next(unsigned int *id)
{
	struct mage_domain *domain = NULL;

	rcu_read_lock();
	while (!domain && *id < MAGE_DOMAIN_IDS) {
		domain = rcu_dereference(mage_domain_ids[(*id)++]);
		if (domain && !mage_domain_get(domain))
			domain = NULL;
	}
	rcu_read_unlock();
	return domain;
}

/**
 * mage_domain_find() - the root of a governed cgroup
 * @cgroup_id: inode number of the cgroup's directory; the caller holds
 *	mage_domains_mutex
 *
 * Return: the domain, or NULL
 */
struct mage_domain *mage_domain_find(u64 cgroup_id)
{
	struct mage_domain *domain;

	lockdep_assert_held(&mage_domains_mutex);
	list_for_each_entry(domain, &mage_governed, governed)
		if (domain->cgroup_id == cgroup_id)
			return domain;
	return NULL;
}

/**
 * mage_domain_get_governed() - go through the roots of governed cgroups
 * @at: how many are to be passed over
 *
 * Return: the one after these, with a reference, or NULL
 */
struct mage_domain *mage_domain_get_governed(unsigned long at)
{
	struct mage_domain *domain, *found = NULL;

	mutex_lock(&mage_tree_mutex);
	list_for_each_entry(domain, &mage_governed, governed) {
		/* What is on the list has one itself. */
		if (at-- || WARN_ON_ONCE(!mage_domain_get(domain)))
			continue;
		found = domain;
		break;
	}
	mutex_unlock(&mage_tree_mutex);
	return found;
}

/**
 * mage_domain_get() - take a reference
 * @domain: a domain that is found under RCU or is referenced already
 *
 * Return: false if its cgroup is gone, or the last reference to it
 */
bool mage_domain_get(struct mage_domain *domain)
{
	if (!css_tryget(&domain->memcg->css))
		return false;
	if (refcount_inc_not_zero(&domain->refs))
		return true;
	css_put(&domain->memcg->css);
	return false;
}

/**
 * mage_domain_free() - give a domain's memory back
 * @rcu: the domain's, after the last grace period, or that of one that was never
 *	published
 */
void mage_domain_free(struct rcu_head *rcu)
{
	struct mage_domain *domain = container_of(rcu, struct mage_domain, rcu);
	struct mage_domain *root = rcu_dereference_protected(domain->root, true);

	if (root && root != domain)
		mage_domain_put(root);
	/* Not before: who has found it under RCU takes what has the id for its frame. */
	if (domain->bound)
		clear_bit(domain->shards.id, mage_domain_id_used);
	free_percpu(domain->stats);
	free_percpu(domain->root_stats);
	mage_shards_free(&domain->shards);
	mage_pool_free(domain->pool);
	kvfree(domain->want);
	kvfree(domain->scan);
	kfree(domain);
}

/**
 * mage_domain_drop() - drop the reference that a domain has until its end
 * @domain: a domain that nobody finds any more
 */
void mage_domain_drop(struct mage_domain *domain)
{
	if (refcount_dec_and_test(&domain->refs))
		call_rcu(&domain->rcu, mage_domain_free);
}

/**
 * mage_domain_put() - drop a reference of mage_domain_get()
 * @domain: the domain; any context
 */
void mage_domain_put(struct mage_domain *domain)
{
	struct mem_cgroup *memcg = domain->memcg;

	mage_domain_drop(domain);
	css_put(&memcg->css);
}

/**
 * mage_memcg_get() - the memory cgroup of a cgroup directory
 * @cgroup_id: inode number of the directory
 *
 * Return: the cgroup with a reference to its css; -ENOENT for no such cgroup; -EINVAL
 * for the root; -EOPNOTSUPP without the memory controller
 */
struct mem_cgroup *mage_memcg_get(u64 cgroup_id)
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
	CHECK(read_mostly, root);
	CHECK(read_mostly, policy);
	CHECK(read_mostly, ejected);
	CHECK(read_mostly, stats);
	CHECK(read_mostly, root_stats);
	CHECK(read_mostly, want);
	CHECK(read_mostly, cgroup_id);
	CHECK(read_mostly, wanted_room);
	CHECK(read_mostly, retry_at);
	CHECK(read_mostly, kept_until);
	CHECK(read_mostly, stalled);
	CHECK(read_mostly, hears);
	CHECK(read_mostly, remembers);
	CHECK(read_mostly, ghost_tag);
	CHECK(read_mostly, swap_is_scarce);
	CHECK(evictors, in_flight);
	CHECK(evictors, fruitless);
	CHECK(evictors, victims);
	CHECK(evictors, tree_victims);
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
	CHECK(evictors, next_shard);
	CHECK(evictors, bad_picks);
	CHECK(evictors, batch_size);
	CHECK(evictors, late);
	CHECK(evictors, tree_late);
	CHECK(evictors, in_vain);
	CHECK(evictors, stalled_with);
	CHECK(evictors, write_failed_at);
	CHECK(evictors, in_use);
	CHECK(evictors, asks);
	CHECK(evictors, effort);
	CHECK(evictors, cleaned);
	CHECK(evictors, keeps_no_slots);
	CHECK(waiters, queue);
	CHECK(waiters, nr_waiting);
	CHECK(waiters, prefetching);
	CHECK(waiters, flying);
	CHECK(waiters, demand);
	CHECK(waiters, demand_at);
	CHECK(waiters, awaited_until);
	CHECK(waiters, extra_room);
	CHECK(waiters, extra_at);
	CHECK(waiters, hopeless);
	CHECK(recycled, pool);
#undef CHECK
	CACHELINE_ASSERT_GROUP_SIZE(struct mage_domain, read_mostly, 128);
}

/**
 * mage_domain_alloc() - a domain of no cgroup, with empty lists
 *
 * It is a root, and stands for the root of all cgroups, which is under no limit.  Its
 * works are not set up, see mage_domain_new().
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
	domain->pool = mage_pool_alloc();
	/* As many as there are rows of shards, of which the last may be of no node. */
	if (nr_node_ids > 1)
		domain->want = kvcalloc(roundup_pow_of_two(nr_node_ids), sizeof(*domain->want),
					GFP_KERNEL);
	if (mage_shards_init(&domain->shards) || !domain->stats || !domain->pool ||
	    (nr_node_ids > 1 && !domain->want)) {
		mage_domain_free(&domain->rcu);
		return NULL;
	}
	domain->memcg = root_mem_cgroup;
	domain->kept_until = jiffies;
	domain->effort.since = jiffies;
	RCU_INIT_POINTER(domain->root, domain);
	INIT_LIST_HEAD(&domain->governed);
	INIT_LIST_HEAD(&domain->flights);
	INIT_LIST_HEAD(&domain->members);
	list_add(&domain->member, &domain->members);
	refcount_set(&domain->refs, 1);
	mutex_init(&domain->lists_mutex);
	mutex_init(&domain->policy_mutex);
	spin_lock_init(&domain->eject_lock);
	mage_queue_init(&domain->queue);
	domain->wanted_room = MAGE_HEADROOM_DEFAULT;
	domain->awaited_until = jiffies;
	/* Progress begins at 0. */
	domain->hopeless = -1;
	return domain;
}

/* An id that no domain has; MAGE_DOMAIN_IDS for none.  In turn. */
static unsigned int mage_domain_free_id(void)
{
	unsigned int id = find_next_zero_bit(mage_domain_id_used, MAGE_DOMAIN_IDS,
					     mage_domain_next_id);

	return id < MAGE_DOMAIN_IDS ? id : find_next_zero_bit(mage_domain_id_used,
							      MAGE_DOMAIN_IDS, 1);
}

/**
 * mage_domain_ids_left() - whether there are ids for more domains
 * @governed: for one that a policy is going to be attached to, for which some are kept
 *
 * The caller holds mage_tree_mutex.
 */
bool mage_domain_ids_left(bool governed)
{
	lockdep_assert_held(&mage_tree_mutex);
	return mage_domains_bound < MAGE_DOMAIN_IDS - 1 - (governed ? 0 : MAGE_GOVERNED_IDS);
}

/**
 * mage_domain_bind() - give a domain a cgroup and an id
 * @domain: what mage_domain_alloc() returned
 * @memcg: the memory cgroup, which has none
 * @governed: a policy is going to be attached to it
 *
 * The caller holds mage_tree_mutex.
 *
 * Return: 0; -ENOSPC for too many domains
 */
int mage_domain_bind(struct mage_domain *domain, struct mem_cgroup *memcg, bool governed)
{
	unsigned int id;

	lockdep_assert_held(&mage_tree_mutex);
	if (!mage_domain_ids_left(governed))
		return -ENOSPC;
	id = mage_domain_free_id();
	if (id == MAGE_DOMAIN_IDS) {
		/* Domains that are about to be freed have the rest. */
		rcu_barrier();
		id = mage_domain_free_id();
	}
	if (id == MAGE_DOMAIN_IDS)
		return -ENOSPC;
	mage_domain_next_id = id + 1;
	set_bit(id, mage_domain_id_used);
	mage_domains_bound++;
	domain->bound = true;
	domain->shards.id = id;
	/* Records of the 63 domains that had the id before are not this one's. */
	domain->ghost_tag = id | mage_domain_generations[id]++ * MAGE_DOMAIN_IDS;
	domain->cgroup_id = cgroup_id(memcg->css.cgroup);
	domain->memcg = memcg;
	domain->shards.memcg = memcg;
	return 0;
}

/*
 * What a domain has counted for its root stays with that.  (How many clean copies
 * there are now is no such count: they go with the pages.)
 */
static void mage_domain_settle(struct mage_domain *domain, struct mage_domain *root)
{
	enum mage_stat stat;

	for (stat = 0; stat < MAGE_STAT_NR; stat++) {
		u64 sum = mage_stat_sum(domain->stats, stat);

		if (stat == MAGE_STAT_CLEAN_COPIES)
			continue;
		root->gone[stat] += sum - domain->base[stat];
		domain->base[stat] = sum;
	}
}

/**
 * mage_domain_join() - put a domain under another root
 * @domain: a domain that has its id
 * @root: what is to govern it from now on; may be @domain
 *
 * The caller holds mage_tree_mutex, and after a grace period drops the reference to
 * the root of before, unless that was @domain.
 */
void mage_domain_join(struct mage_domain *domain, struct mage_domain *root)
{
	lockdep_assert_held(&mage_tree_mutex);
	mage_domain_settle(domain, mage_domain_root(domain));
	/* What governs, and that includes our caller, has one. */
	if (root != domain)
		WARN_ON_ONCE(!mage_domain_get(root));
	else
		memset(root->gone, 0, sizeof(root->gone));
	list_move_tail(&domain->member, &root->members);
	WRITE_ONCE(domain->cgroup_id, cgroup_id(root->memcg->css.cgroup));
	rcu_assign_pointer(domain->root, root);
}

/**
 * mage_domain_publish() - from now on pages of its cgroup are the domain's
 * @domain: a domain that is bound and governed
 *
 * The caller holds mage_tree_mutex.
 */
void mage_domain_publish(struct mage_domain *domain)
{
	struct mage_domain *below;

	lockdep_assert_held(&mage_tree_mutex);
	rcu_assign_pointer(mage_domain_ids[domain->shards.id], domain);
	spin_lock(&mage_victims_lock);
	list_for_each_entry(below, &mage_domains, all) {
		if (!mem_cgroup_is_descendant(below->memcg, domain->memcg))
			continue;
		atomic_long_add(atomic_long_read(&below->victims), &domain->tree_victims);
		atomic_long_add(atomic_long_read(&below->late), &domain->tree_late);
	}
	list_add_tail_rcu(&domain->all, &mage_domains);
	rcu_assign_pointer(domain->memcg->mage_domain, domain);
	spin_unlock(&mage_victims_lock);
}

/*
 * From now on what a domain has in flight is its own affair: those above do not count it
 * any more, and what takes their place before it has ended never did.
 */
static void mage_domain_leave_levels(struct mage_domain *domain)
{
	struct mage_domain *above;

	rcu_read_lock();
	spin_lock(&mage_victims_lock);
	for (above = mage_domain_above(domain); above; above = mage_domain_above(above)) {
		atomic_long_sub(atomic_long_read(&domain->victims), &above->tree_victims);
		atomic_long_sub(atomic_long_read(&domain->late), &above->tree_late);
	}
	domain->withdrawn = true;
	list_del_rcu(&domain->all);
	RCU_INIT_POINTER(domain->memcg->mage_domain, NULL);
	spin_unlock(&mage_victims_lock);
	rcu_read_unlock();
}

/**
 * mage_domain_withdraw() - nobody finds a domain any more but by its frames
 * @domain: a published domain, which is on no root's list of members from now on
 *
 * The caller holds mage_tree_mutex.
 */
void mage_domain_withdraw(struct mage_domain *domain)
{
	lockdep_assert_held(&mage_tree_mutex);
	mage_domain_leave_levels(domain);
	list_del_init(&domain->member);
	mage_domain_settle(domain, mage_domain_root(domain));
}

/**
 * mage_domain_unbind() - nobody finds a domain any more
 * @domain: a domain that was withdrawn, or never published, and has no frames, by which
 *	those would name it
 *
 * The caller holds mage_tree_mutex.  The id is another's only when the domain is freed.
 */
void mage_domain_unbind(struct mage_domain *domain)
{
	lockdep_assert_held(&mage_tree_mutex);
	RCU_INIT_POINTER(mage_domain_ids[domain->shards.id], NULL);
	mage_domains_bound--;
}

/* The next domain above that counts what one has in flight; under mage_victims_lock. */
static struct mage_domain *mage_domain_next_level(const struct mage_domain *domain)
{
	return domain->withdrawn ? NULL : mage_domain_above(domain);
}

/**
 * mage_domain_add_victims() - pages have come into the pipeline, or left it
 * @domain: their domain; the caller holds a reference
 * @nr: how many, negative if they left
 */
void mage_domain_add_victims(struct mage_domain *domain, long nr)
{
	rcu_read_lock();
	spin_lock(&mage_victims_lock);
	atomic_long_add(nr, &domain->victims);
	for (; domain; domain = mage_domain_next_level(domain))
		atomic_long_add(nr, &domain->tree_victims);
	spin_unlock(&mage_victims_lock);
	rcu_read_unlock();
}

/**
 * mage_domain_add_late() - the far store keeps victims waiting, or does not any more
 * @domain: their domain; the caller holds a reference
 * @nr: how many, negative if it has answered
 */
void mage_domain_add_late(struct mage_domain *domain, long nr)
{
	rcu_read_lock();
	spin_lock(&mage_victims_lock);
	atomic_long_add(nr, &domain->late);
	for (; domain; domain = mage_domain_next_level(domain))
		atomic_long_add(nr, &domain->tree_late);
	spin_unlock(&mage_victims_lock);
	rcu_read_unlock();
}

/**
 * mage_domain_write_failed() - the far store has not taken pages
 * @domain: their domain; the caller holds a reference
 *
 * So it is no policy's fault if there is no progress, here or above.
 */
void mage_domain_write_failed(struct mage_domain *domain)
{
	rcu_read_lock();
	for (; domain; domain = mage_domain_above(domain))
		/* Of the values 0 means never. */
		WRITE_ONCE(domain->write_failed_at, jiffies ?: 1);
	rcu_read_unlock();
}

/**
 * mage_domain_write_did_well() - the far store has taken all pages of a batch
 * @domain: their domain; the caller holds a reference
 * @posted_at: when it was given them, jiffies
 *
 * That clears a failure of before.
 */
void mage_domain_write_did_well(struct mage_domain *domain, unsigned long posted_at)
{
	rcu_read_lock();
	for (; domain; domain = mage_domain_above(domain)) {
		unsigned long failed_at = READ_ONCE(domain->write_failed_at);

		if (failed_at && !time_before(posted_at, failed_at))
			WRITE_ONCE(domain->write_failed_at, 0);
	}
	rcu_read_unlock();
}

/**
 * mage_domain_note_asked() - the policy is asked for victims
 * @domain: of this domain; the caller holds a reference
 *
 * Those above that it governs, too, are told.
 */
void mage_domain_note_asked(struct mage_domain *domain)
{
	struct mage_domain *root;

	rcu_read_lock();
	root = mage_domain_root(domain);
	for (; domain && mage_domain_root(domain) == root; domain = mage_domain_above(domain))
		atomic_inc(&domain->asks);
	rcu_read_unlock();
}

/**
 * mage_domain_waiting() - threads that wait for what a domain could give
 * @domain: the domain
 *
 * Return: those that wait for room below a limit of its cgroup or of an ancestor
 */
unsigned int mage_domain_waiting(const struct mage_domain *domain)
{
	int waiting = 0;

	rcu_read_lock();
	for (; domain; domain = mage_domain_above(domain))
		waiting += atomic_read(&domain->nr_waiting);
	rcu_read_unlock();
	return max(waiting, 0);
}

/**
 * mage_domain_demanded() - pages that were asked for and are not freed yet
 * @domain: the domain
 *
 * Who asked may have gone, and what is picked for it may not be to be had: it is
 * forgotten some time after it was raised last.
 *
 * Return: pages, or a number that is not positive
 */
long mage_domain_demanded(const struct mage_domain *domain)
{
	if (time_after(jiffies, READ_ONCE(domain->demand_at) + MAGE_DEMAND_LASTS))
		return 0;
	return atomic_long_read(&domain->demand) - atomic_long_read(&domain->progress);
}

/**
 * mage_domain_demanded_on() - the same of the pages on one node
 * @domain: the domain
 * @nid: the node; for NUMA_NO_NODE those that were asked for wherever they are
 *
 * Return: pages, or a number that is not positive
 */
long mage_domain_demanded_on(const struct mage_domain *domain, int nid)
{
	const struct mage_want *want;

	if (nid == NUMA_NO_NODE)
		return mage_domain_demanded(domain);
	want = &domain->want[nid];
	if (time_after(jiffies, READ_ONCE(want->demand_at) + MAGE_DEMAND_LASTS))
		return 0;
	return mage_want_left(want);
}

/**
 * mage_domain_is_demanded() - whether pages were asked for, on whatever node
 * @domain: the domain
 *
 * Return: true if some are not freed yet
 */
bool mage_domain_is_demanded(const struct mage_domain *domain)
{
	int nid, last = domain->want ? nr_node_ids : 0;

	for (nid = NUMA_NO_NODE; nid < last; nid++)
		if (mage_domain_demanded_on(domain, nid) > 0)
			return true;
	return false;
}

static bool mage_level_is_asked(const struct mage_domain *domain)
{
	return atomic_read(&domain->nr_waiting) || mage_domain_is_demanded(domain);
}

/**
 * mage_domain_is_asked() - whether somebody wants pages of a domain now
 * @domain: the domain
 *
 * Return: true if threads wait for room, or for what is to be reclaimed
 */
bool mage_domain_is_asked(const struct mage_domain *domain)
{
	bool asked = false;

	rcu_read_lock();
	for (; domain && !asked; domain = mage_domain_above(domain))
		asked = mage_level_is_asked(domain);
	rcu_read_unlock();
	return asked;
}

/**
 * mage_domain_total() - a counter of a governed cgroup, with all that is below
 * @root: its root; the caller holds a reference
 * @stat: which
 */
u64 mage_domain_total(struct mage_domain *root, enum mage_stat stat)
{
	struct mage_domain *domain;
	u64 sum;

	mutex_lock(&mage_tree_mutex);
	sum = root->gone[stat];
	list_for_each_entry(domain, &root->members, member)
		sum += mage_stat_sum(domain->stats, stat) - domain->base[stat];
	mutex_unlock(&mage_tree_mutex);
	return sum;
}

/**
 * mage_domain_total_lists() - frames on each list of a governed cgroup, with all that is below
 * @root: its root
 * @sizes: array of MAGE_LISTS, overwritten
 */
void mage_domain_total_lists(struct mage_domain *root, u64 *sizes)
{
	struct mage_domain *domain;
	unsigned int list;

	memset(sizes, 0, MAGE_LISTS * sizeof(*sizes));
	mutex_lock(&mage_tree_mutex);
	list_for_each_entry(domain, &root->members, member)
		for (list = 0; list < MAGE_LISTS; list++)
			sizes[list] += mage_shards_list_size(&domain->shards, list);
	mutex_unlock(&mage_tree_mutex);
}

/**
 * mage_domain_total_frames() - local pages under the policy of a governed cgroup
 * @root: its root; the caller holds a reference
 */
unsigned long mage_domain_total_frames(struct mage_domain *root)
{
	struct mage_domain *domain;
	unsigned long frames = 0;

	mutex_lock(&mage_tree_mutex);
	list_for_each_entry(domain, &root->members, member)
		frames += mage_shards_frames(&domain->shards);
	mutex_unlock(&mage_tree_mutex);
	return frames;
}

/**
 * mage_domain_frames_below() - local pages of a domain and those below it
 * @domain: the domain
 * @root: only those that it governs; NULL for all
 */
unsigned long mage_domain_frames_below(struct mage_domain *domain,
				       struct mage_domain *root)
{
	struct cgroup_subsys_state *css;
	unsigned long frames = 0;

	rcu_read_lock();
	css_for_each_descendant_pre(css, &domain->memcg->css) {
		struct mage_domain *other =
			rcu_dereference(mem_cgroup_from_css(css)->mage_domain);

		if (other && (!root || mage_domain_root(other) == root))
			frames += mage_shards_frames(&other->shards);
	}
	rcu_read_unlock();
	return frames;
}
