// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of the domains below a governed cgroup.
 *
 * Its children have lists of their own, under its policy or one of theirs.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/cgroup.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/swap.h>
#include <linux/swap_cgroup.h>
#include <linux/workqueue.h>
#include "bed_kunit.h"
#include "domain.h"
#include "govern.h"
#include "policy.h"
#include "room.h"
#include "self.h"
#include "share.h"

#define SEED	8

/* Pages of each child. */
#define NR	16

/* Draws that show what cannot be drawn. */
#define DRAWS	64

/* Pages that protect all that a child, and the bed's cgroup, may have. */
#define PROTECTED	BIT(20)

/**
 * struct tree_test - what each test works on
 * @memcg: the children of the bed's cgroup
 * @domain: their domains; the first has the bed's first NR pages, the second the next
 * @policy: for a child of its own, or for the bed's cgroup after its tree has ended
 * @end_work: the end of that tree, which waits for batches
 * @above: the root of the bed's cgroup, if it came to be governed again
 */
struct tree_test {
	struct mem_cgroup *memcg[2];
	struct mage_domain *domain[2];
	struct mage_ops policy;
	struct work_struct end_work;
	struct mage_domain *above;
};

static struct tree_test *tree_of(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	return bed->private;
}

static int tree_test_init(struct kunit *test)
{
	struct tree_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct mage_bed *bed;
	unsigned int i;
	int err = mage_bed_init(test);

	if (err)
		return err;
	KUNIT_ASSERT_NOT_NULL(test, t);
	bed = test->priv;
	bed->private = t;
	strscpy(t->policy.name, "child");
	/* Evictors leave it alone, too. */
	t->policy.evictors = bed->policy.evictors;
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, mage_bed_enter(bed, i), 0);
		t->memcg[i] = mage_bed_memcg(bed);
		mage_bed_fill(bed, i * NR, NR, SEED);
		t->domain[i] = mage_bed_domain(bed, i * NR);
		KUNIT_ASSERT_NOT_NULL(test, t->domain[i]);
	}
	return 0;
}

static struct mage_domain *root_of(struct mage_domain *domain)
{
	struct mage_domain *root;

	rcu_read_lock();
	root = mage_domain_root(domain);
	rcu_read_unlock();
	return root;
}

/* Every page is local and on the lists of its cgroup's domain, or far; and right. */
static void all_is_there(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	unsigned int i;

	for (i = 0; i < 2 * NR; i++) {
		if (!mage_bed_is_far(bed, i, NULL))
			KUNIT_EXPECT_PTR_EQ(test, mage_bed_domain(bed, i), t->domain[i / NR]);
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
}

static void each_child_has_lists_of_its_own(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	unsigned int i;

	KUNIT_EXPECT_PTR_NE(test, t->domain[0], t->domain[1]);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&bed->domain->shards), 0);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_PTR_EQ(test, t->domain[i]->memcg, t->memcg[i]);
		KUNIT_EXPECT_EQ(test, mage_shards_frames(&t->domain[i]->shards), NR);
		KUNIT_EXPECT_PTR_EQ(test, root_of(t->domain[i]), bed->domain);
		KUNIT_EXPECT_FALSE(test, mage_domain_is_root(t->domain[i]));
		KUNIT_EXPECT_EQ(test, t->domain[i]->cgroup_id, bed->domain->cgroup_id);
	}
	mutex_lock(&mage_domains_mutex);
	KUNIT_EXPECT_EQ(test, mage_domain_total_frames(bed->domain), 2 * NR);
	mutex_unlock(&mage_domains_mutex);
	KUNIT_EXPECT_EQ(test, mage_domain_frames_below(bed->domain, NULL), 2 * NR);
	KUNIT_EXPECT_EQ(test, mage_domain_frames_below(t->domain[1], NULL), NR);
	all_is_there(test);
}

static bool may(struct mage_domain *domain, void *data)
{
	return true;
}

static bool may_but(struct mage_domain *domain, void *data)
{
	return domain != data;
}

/* Whom a draw for a limit of the bed's cgroup names. */
static struct mage_domain *draw(struct kunit *test, mage_share_filter *filter, void *data)
{
	struct mage_bed *bed = test->priv;
	struct mage_giver drawn;

	rcu_read_lock();
	drawn = mage_share_draw(bed->domain, filter, data);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, drawn.by_stock, drawn.domain == bed->domain);
	return drawn.domain;
}

/* How often the second child is drawn for a limit of the bed's cgroup, or none of both. */
static unsigned int draws_of_second(struct kunit *test, mage_share_filter *filter, void *data)
{
	struct tree_test *t = tree_of(test);
	unsigned int i, second = 0;

	for (i = 0; i < DRAWS; i++) {
		struct mage_domain *drawn = draw(test, filter, data);

		second += drawn == t->domain[1];
		if (drawn != t->domain[1])
			KUNIT_EXPECT_PTR_EQ(test, drawn, t->domain[0]);
	}
	return second;
}

static void all_below_a_limit_give(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	unsigned int second = draws_of_second(test, may, NULL);

	/* It is but chance, one in a billion. */
	KUNIT_EXPECT_GT(test, second, 2);
	KUNIT_EXPECT_LT(test, second, DRAWS - 2);
	KUNIT_EXPECT_EQ(test, draws_of_second(test, may_but, t->domain[0]), DRAWS);
	KUNIT_EXPECT_EQ(test, draws_of_second(test, may_but, t->domain[1]), 0);
}

static void limit_of_a_child_is_its_own_affair(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < DRAWS; i++)
		KUNIT_EXPECT_PTR_EQ(test, t->domain[0],
				    mage_share_draw(t->domain[0], may, NULL).domain);
	KUNIT_EXPECT_NULL(test, mage_share_draw(t->domain[0], may_but, t->domain[0]).domain);
	rcu_read_unlock();
}

/* Times that pages of the children were taken in spite of memory.low. */
static long lows(struct tree_test *t)
{
	return atomic_long_read(&t->memcg[0]->memory_events_local[MEMCG_LOW]) +
	       atomic_long_read(&t->memcg[1]->memory_events_local[MEMCG_LOW]);
}

static void protected_child_gives_nothing(struct kunit *test)
{
	struct tree_test *t = tree_of(test);

	page_counter_set_low(&t->memcg[0]->memory, PROTECTED);
	KUNIT_EXPECT_EQ(test, draws_of_second(test, may, NULL), DRAWS);
	/* Not in place of the other either, which may give some later. */
	KUNIT_EXPECT_NULL(test, draw(test, may_but, t->domain[1]));
	KUNIT_EXPECT_EQ(test, lows(t), 0);
	page_counter_set_low(&t->memcg[0]->memory, 0);
	page_counter_set_min(&t->memcg[1]->memory, PROTECTED);
	KUNIT_EXPECT_EQ(test, draws_of_second(test, may, NULL), 0);
	page_counter_set_min(&t->memcg[1]->memory, 0);
	KUNIT_EXPECT_EQ(test, lows(t), 0);
}

static struct mage_giver giver_below(struct mage_domain *domain)
{
	guard(rcu)();
	return mage_share_draw(domain, may, NULL);
}

/* A batch of many pages, and one beside it, would take what is to be kept as well. */
static void protected_child_gives_no_more_than_the_rest(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;

	page_counter_set_min(&t->memcg[0]->memory, page_counter_read(&t->memcg[0]->memory) - 4);
	page_counter_set_min(&t->memcg[1]->memory, PROTECTED);
	KUNIT_EXPECT_PTR_EQ(test, giver_below(bed->domain).domain, t->domain[0]);
	KUNIT_EXPECT_EQ(test, giver_below(bed->domain).most, 4);
	mage_domain_add_victims(t->domain[0], 3);
	KUNIT_EXPECT_EQ(test, giver_below(bed->domain).most, 1);
	mage_domain_add_victims(t->domain[0], 1);
	KUNIT_EXPECT_PTR_EQ(test, giver_below(bed->domain).domain, bed->domain);
	mage_domain_add_victims(t->domain[0], -4);
	page_counter_set_min(&t->memcg[0]->memory, 0);
	page_counter_set_min(&t->memcg[1]->memory, 0);
}

/* What a thread evicts for itself is bounded as what evictors do is. */
static void thread_of_a_protected_child_takes_no_more_than_the_rest(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	struct mem_cgroup *memcg = t->memcg[0], *limited = bed->domain->memcg;

	KUNIT_EXPECT_EQ(test, mage_share_most(limited, memcg, t->domain[0]), ULONG_MAX);
	page_counter_set_min(&memcg->memory, page_counter_read(&memcg->memory) - 4);
	KUNIT_EXPECT_EQ(test, mage_share_most(limited, memcg, t->domain[0]), 4);
	/* From a limit of its own nothing is kept. */
	KUNIT_EXPECT_EQ(test, mage_share_most(memcg, memcg, t->domain[0]), ULONG_MAX);
	mage_domain_add_victims(t->domain[0], 3);
	KUNIT_EXPECT_EQ(test, mage_share_most(limited, memcg, t->domain[0]), 1);
	mage_domain_add_victims(t->domain[0], -3);
	page_counter_set_min(&memcg->memory, 0);
	page_counter_set_low(&memcg->memory, PROTECTED);
	KUNIT_EXPECT_EQ(test, mage_share_most(limited, memcg, t->domain[0]), 0);
	page_counter_set_low(&memcg->memory, 0);
	KUNIT_EXPECT_EQ(test, mage_self_evict(t->domain[0], NR, 0), 0);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&t->domain[0]->shards), NR);
	all_is_there(test);
}

/* If there is nothing else; but not what is below memory.min. */
static void child_below_low_gives_if_it_must(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	unsigned int i, second;

	for (i = 0; i < 2; i++)
		page_counter_set_low(&t->memcg[i]->memory, PROTECTED);
	/* Not for those who may come, */
	KUNIT_EXPECT_NULL(test, draw(test, may, NULL));
	KUNIT_EXPECT_TRUE(test, time_before(jiffies, bed->domain->kept_until));
	/* nor what stock reclaim would take in their place. */
	for (i = 0; i < 2; i++) {
		mage_room_stalled(t->domain[i]);
		t->domain[i]->retry_at = jiffies + 1000 * HZ;
	}
	KUNIT_EXPECT_NULL(test, draw(test, may, NULL));
	for (i = 0; i < 2; i++)
		WRITE_ONCE(t->domain[i]->stalled, false);
	KUNIT_EXPECT_EQ(test, lows(t), 0);
	atomic_inc(&bed->domain->nr_waiting);
	second = draws_of_second(test, may, NULL);
	KUNIT_EXPECT_GT(test, second, 2);
	KUNIT_EXPECT_LT(test, second, DRAWS - 2);
	KUNIT_EXPECT_EQ(test, draws_of_second(test, may_but, t->domain[0]), DRAWS);
	KUNIT_EXPECT_EQ(test, lows(t), 2 * DRAWS);
	page_counter_set_min(&t->memcg[1]->memory, PROTECTED);
	KUNIT_EXPECT_EQ(test, draws_of_second(test, may, NULL), 0);
	KUNIT_EXPECT_EQ(test, lows(t), 3 * DRAWS);
	atomic_dec(&bed->domain->nr_waiting);
	page_counter_set_min(&t->memcg[1]->memory, 0);
	for (i = 0; i < 2; i++)
		page_counter_set_low(&t->memcg[i]->memory, 0);
}

/* Its pages are stock reclaim's, which is asked by the domain whose limit it is. */
static void child_without_lists_has_its_turn(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	unsigned int i, above = 0;

	mage_bed_evict(bed, NR, NR);
	mage_memcg_released(t->memcg[1]);
	mage_bed_fill(bed, 2 * NR, NR, SEED);
	for (i = 2 * NR; i < 3 * NR; i++)
		KUNIT_EXPECT_NULL(test, mage_bed_domain(bed, i));
	lru_add_drain_all();
	for (i = 0; i < DRAWS; i++)
		above += draw(test, may, NULL) == bed->domain;
	KUNIT_EXPECT_GT(test, above, 2);
	KUNIT_EXPECT_LT(test, above, DRAWS - 2);
	page_counter_set_low(&t->memcg[0]->memory, PROTECTED);
	for (i = 0; i < DRAWS; i++)
		KUNIT_EXPECT_PTR_EQ(test, draw(test, may, NULL), bed->domain);
	KUNIT_EXPECT_EQ(test, lows(t), 0);
	page_counter_set_low(&t->memcg[0]->memory, 0);
}

static void each_child_is_charged_for_its_slots(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	swp_entry_t entry;
	unsigned int i;

	mage_bed_evict(bed, 0, NR);
	mage_bed_evict(bed, NR, NR / 2);
	for (i = 0; i < NR + NR / 2; i++) {
		KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, i, &entry));
		KUNIT_EXPECT_EQ(test, lookup_swap_cgroup_id(entry),
				mem_cgroup_id(t->memcg[i / NR]));
	}
	KUNIT_EXPECT_EQ(test, page_counter_read(&t->memcg[0]->swap), NR);
	KUNIT_EXPECT_EQ(test, page_counter_read(&t->memcg[1]->swap), NR / 2);
	KUNIT_EXPECT_EQ(test, page_counter_read(&bed->domain->memcg->swap), NR + NR / 2);
}

static void what_a_child_gives_is_room_above(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;

	KUNIT_EXPECT_EQ(test, mage_domain_waiting(t->domain[0]), 0);
	atomic_set(&bed->domain->nr_waiting, 2);
	atomic_set(&t->domain[0]->nr_waiting, 1);
	KUNIT_EXPECT_EQ(test, mage_domain_waiting(t->domain[0]), 3);
	KUNIT_EXPECT_EQ(test, mage_domain_waiting(t->domain[1]), 2);
	KUNIT_EXPECT_EQ(test, mage_domain_waiting(bed->domain), 2);
	atomic_set(&bed->domain->nr_waiting, 0);
	atomic_set(&t->domain[0]->nr_waiting, 0);

	mage_bed_pick(bed, 0, NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->tree_victims), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain[0]->tree_victims), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain[1]->tree_victims), 0);
	mage_room_stalled(bed->domain);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->tree_victims), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->progress), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain[0]->progress), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain[1]->progress), 0);
	KUNIT_EXPECT_FALSE(test, bed->domain->stalled);
	mutex_lock(&mage_domains_mutex);
	KUNIT_EXPECT_EQ(test, mage_domain_total(bed->domain, MAGE_STAT_EVICTIONS), NR);
	mutex_unlock(&mage_domains_mutex);
	all_is_there(test);
}

/* A policy is attached to the first child; its root, with a reference. */
static struct mage_domain *attach_below(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_domain *domain;
	bool created;

	domain = mage_domain_attach(cgroup_id(t->memcg[0]->css.cgroup), &t->policy, NULL,
				    &created);
	KUNIT_ASSERT_FALSE(test, IS_ERR(domain));
	return domain;
}

static const char *policy_name(struct mage_domain *domain)
{
	const char *name;

	rcu_read_lock();
	name = mage_policy(domain)->name;
	rcu_read_unlock();
	return name;
}

static u64 total(struct mage_domain *root, enum mage_stat stat)
{
	u64 sum;

	mutex_lock(&mage_domains_mutex);
	sum = mage_domain_total(root, stat);
	mutex_unlock(&mage_domains_mutex);
	return sum;
}

static void policy_below_takes_over_and_gives_back(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain;
	u8 epoch = t->domain[0]->shards.epoch;

	mage_bed_evict(bed, 0, 4);
	KUNIT_EXPECT_EQ(test, total(bed->domain, MAGE_STAT_EVICTIONS), 4);
	mage_frame_set_list(&t->domain[0]->shards, mage_bed_frame(bed, 5), 3, true);
	domain = attach_below(test);
	KUNIT_EXPECT_PTR_EQ(test, domain, t->domain[0]);
	KUNIT_EXPECT_TRUE(test, mage_domain_is_root(domain));
	KUNIT_EXPECT_STREQ(test, policy_name(domain), "child");
	KUNIT_EXPECT_STREQ(test, policy_name(t->domain[1]), "kunit");
	/* The pages are on list 0, with words that read as 0. */
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, 5)->list, 0);
	KUNIT_EXPECT_NE(test, domain->shards.epoch, epoch);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&domain->shards), NR - 4);
	/* Each keeps what was counted under it. */
	KUNIT_EXPECT_EQ(test, total(bed->domain, MAGE_STAT_EVICTIONS), 4);
	KUNIT_EXPECT_EQ(test, total(domain, MAGE_STAT_EVICTIONS), 0);
	mage_bed_evict(bed, 4, 2);
	KUNIT_EXPECT_EQ(test, total(domain, MAGE_STAT_EVICTIONS), 2);
	KUNIT_EXPECT_EQ(test, total(bed->domain, MAGE_STAT_EVICTIONS), 4);
	/* A limit further up is everybody's, whatever governs them. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->progress), 6);
	KUNIT_EXPECT_LT(test, draws_of_second(test, may, NULL), DRAWS);
	all_is_there(test);

	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, false), 0);
	KUNIT_EXPECT_FALSE(test, mage_domain_is_root(domain));
	KUNIT_EXPECT_PTR_EQ(test, root_of(domain), bed->domain);
	KUNIT_EXPECT_STREQ(test, policy_name(domain), "kunit");
	KUNIT_EXPECT_EQ(test, total(bed->domain, MAGE_STAT_EVICTIONS), 4);
	mage_bed_evict(bed, 8, 1);
	KUNIT_EXPECT_EQ(test, total(bed->domain, MAGE_STAT_EVICTIONS), 5);
	/* When it is called again it does nothing. */
	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, true), 0);
	mage_domain_put(domain);
	all_is_there(test);

	/* And once more. */
	domain = attach_below(test);
	KUNIT_EXPECT_STREQ(test, policy_name(domain), "child");
	KUNIT_EXPECT_EQ(test, total(domain, MAGE_STAT_EVICTIONS), 0);
	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, false), 0);
	mage_domain_put(domain);
	all_is_there(test);
}

static s32 refuse(struct mage_domain *domain)
{
	return -EPERM;
}

static void policy_below_that_refuses_changes_nothing(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain;
	bool created;

	t->policy.init = refuse;
	domain = mage_domain_attach(cgroup_id(t->memcg[0]->css.cgroup), &t->policy, NULL,
				    &created);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(domain), -EPERM);
	KUNIT_EXPECT_PTR_EQ(test, root_of(t->domain[0]), bed->domain);
	all_is_there(test);
}

/* What others do while init runs: no lock is held, so it can do that itself. */

static s32 attaches_another(struct mage_domain *domain)
{
	struct kunit *test = kunit_get_current_test();
	struct mage_bed *bed = test->priv;
	struct mage_domain *other;
	bool created;

	other = mage_domain_attach(cgroup_id(domain->memcg->css.cgroup), &bed->policy, NULL,
				   &created);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(other), -EBUSY);
	return 0;
}

static void two_are_not_attached_at_once(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_domain *domain;

	t->policy.init = attaches_another;
	domain = attach_below(test);
	KUNIT_EXPECT_PTR_EQ(test, domain, t->domain[0]);
	KUNIT_EXPECT_STREQ(test, policy_name(domain), "child");
	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, false), 0);
	mage_domain_put(domain);
	all_is_there(test);
}

static s32 ends_the_tree_above(struct mage_domain *domain)
{
	struct kunit *test = kunit_get_current_test();
	struct mage_bed *bed = test->priv;

	KUNIT_EXPECT_EQ(test, mage_domain_remove(bed->domain, true), 0);
	return 0;
}

static void tree_above_may_end_while_init_runs(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain;
	unsigned int i;

	t->policy.init = ends_the_tree_above;
	domain = attach_below(test);
	KUNIT_EXPECT_PTR_NE(test, domain, t->domain[0]);
	KUNIT_EXPECT_FALSE(test, domain->shards.closing);
	KUNIT_EXPECT_TRUE(test, mage_domain_is_root(domain));
	KUNIT_EXPECT_PTR_EQ(test, domain->memcg, t->memcg[0]);
	KUNIT_EXPECT_STREQ(test, policy_name(domain), "child");
	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, false), 0);
	mage_domain_put(domain);
	for (i = 0; i < 2 * NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static s32 attaches_above(struct mage_domain *domain)
{
	struct kunit *test = kunit_get_current_test();
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	bool created;

	t->above = mage_domain_attach(bed->domain->cgroup_id, &bed->policy, NULL, &created);
	KUNIT_EXPECT_FALSE(test, IS_ERR(t->above));
	return 0;
}

static void tree_above_may_come_while_init_runs(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, mage_domain_remove(bed->domain, true), 0);
	t->policy.init = attaches_above;
	domain = attach_below(test);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->above));
	KUNIT_EXPECT_TRUE(test, mage_domain_is_root(domain));
	KUNIT_EXPECT_STREQ(test, policy_name(domain), "child");
	KUNIT_EXPECT_STREQ(test, policy_name(t->above), "kunit");
	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, false), 0);
	KUNIT_EXPECT_PTR_EQ(test, root_of(domain), t->above);
	mage_domain_put(domain);
	KUNIT_EXPECT_EQ(test, mage_domain_remove(t->above, false), 0);
	mage_domain_put(t->above);
	for (i = 0; i < 2 * NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

/* As when the cgroup is removed; nothing else ends it. */
static s32 ends_its_root(struct mage_domain *domain)
{
	struct kunit *test = kunit_get_current_test();

	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, false), -EBUSY);
	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, true), 0);
	return 0;
}

static void root_that_ends_while_init_runs_is_none(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain;
	unsigned int i;
	bool created;

	t->policy.init = ends_its_root;
	domain = mage_domain_attach(bed->domain->cgroup_id, &t->policy, NULL, &created);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(domain), -ENOENT);
	for (i = 0; i < 2 * NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

/* A removed cgroup keeps its domain until its last page has gone. */
static void child_that_is_removed_still_gives(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;

	/* The process is in the second. */
	KUNIT_ASSERT_EQ(test, mage_bed_remove(bed, 0), 0);
	all_is_there(test);
	KUNIT_EXPECT_LT(test, draws_of_second(test, may, NULL), DRAWS);
	KUNIT_ASSERT_TRUE(test, mage_domain_get(t->domain[0]));
	mage_bed_evict(bed, 0, NR);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&t->domain[0]->shards), 0);
	mage_domain_put(t->domain[0]);
	/* What a removed cgroup has in swap is its parent's. */
	t->domain[0] = bed->domain;
	all_is_there(test);
	KUNIT_EXPECT_EQ(test, total(bed->domain, MAGE_STAT_EVICTIONS), NR);
}

static void policy_of_a_removed_child_ends(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = attach_below(test);

	KUNIT_ASSERT_EQ(test, mage_bed_remove(bed, 0), 0);
	/* Either the work has begun, or it finds nothing to do. */
	KUNIT_EXPECT_EQ(test, mage_domain_remove(domain, true), 0);
	flush_work(&domain->offline_work);
	KUNIT_EXPECT_PTR_EQ(test, root_of(domain), bed->domain);
	KUNIT_EXPECT_EQ(test, domain->exit_info.kind, MAGE_EXIT_CGROUP);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&t->domain[0]->shards), NR);
	all_is_there(test);
	mage_domain_put(domain);
}

/* The end of the tree: every page goes to the stock LRU, whosever it was. */
static void end_of_the_root_is_the_end_of_all(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	mage_bed_evict(bed, NR, 4);
	KUNIT_EXPECT_EQ(test, mage_domain_remove(bed->domain, true), 0);
	for (i = 0; i < 2 * NR; i++) {
		if (!mage_bed_is_far(bed, i, NULL))
			KUNIT_EXPECT_EQ(test, mage_frame_domain_id(mage_bed_frame(bed, i)), 0);
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
}

static void end_tree(struct work_struct *work)
{
	struct tree_test *t = container_of(work, struct tree_test, end_work);

	/* The batch keeps it. */
	mage_domain_remove(root_of(t->domain[0]), true);
}

/* A policy is attached again while a batch of the tree that has ended is in flight. */
static void batch_of_an_ended_tree_is_none_of_the_next(struct kunit *test)
{
	struct tree_test *t = tree_of(test);
	struct mage_bed *bed = test->priv;
	struct mage_domain *old = t->domain[0], *next;
	unsigned int i;
	bool created;

	KUNIT_ASSERT_TRUE(test, mage_domain_get(old));
	mage_bed_pick(bed, 0, NR);
	INIT_WORK(&t->end_work, end_tree);
	queue_work(system_unbound_wq, &t->end_work);
	while (!READ_ONCE(bed->domain->shards.closing))
		schedule_timeout_uninterruptible(1);
	next = mage_domain_attach(bed->domain->cgroup_id, &t->policy, NULL, &created);
	KUNIT_EXPECT_FALSE(test, IS_ERR(next));
	KUNIT_EXPECT_PTR_NE(test, next, bed->domain);

	KUNIT_EXPECT_EQ(test, atomic_long_read(&old->tree_victims), NR);
	mage_domain_add_late(old, 1);
	mage_domain_add_late(old, -1);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	flush_work(&t->end_work);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&old->victims), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&old->tree_victims), 0);
	mage_domain_put(old);
	if (IS_ERR(next))
		return;
	KUNIT_EXPECT_EQ(test, atomic_long_read(&next->tree_victims), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&next->tree_late), 0);
	KUNIT_EXPECT_EQ(test, mage_domain_remove(next, true), 0);
	mage_domain_put(next);
	for (i = 0; i < 2 * NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static struct kunit_case tree_test_cases[] = {
	KUNIT_CASE(each_child_has_lists_of_its_own),
	KUNIT_CASE(all_below_a_limit_give),
	KUNIT_CASE(limit_of_a_child_is_its_own_affair),
	KUNIT_CASE(protected_child_gives_nothing),
	KUNIT_CASE(protected_child_gives_no_more_than_the_rest),
	KUNIT_CASE(thread_of_a_protected_child_takes_no_more_than_the_rest),
	KUNIT_CASE(child_below_low_gives_if_it_must),
	KUNIT_CASE(child_without_lists_has_its_turn),
	KUNIT_CASE(each_child_is_charged_for_its_slots),
	KUNIT_CASE(what_a_child_gives_is_room_above),
	KUNIT_CASE(policy_below_takes_over_and_gives_back),
	KUNIT_CASE(policy_below_that_refuses_changes_nothing),
	KUNIT_CASE(two_are_not_attached_at_once),
	KUNIT_CASE(tree_above_may_end_while_init_runs),
	KUNIT_CASE(tree_above_may_come_while_init_runs),
	KUNIT_CASE(root_that_ends_while_init_runs_is_none),
	KUNIT_CASE(child_that_is_removed_still_gives),
	KUNIT_CASE(policy_of_a_removed_child_ends),
	KUNIT_CASE(end_of_the_root_is_the_end_of_all),
	KUNIT_CASE(batch_of_an_ended_tree_is_none_of_the_next),
	{}
};

static struct kunit_suite tree_test_suite = {
	.name = "mage_tree",
	.init = tree_test_init,
	.exit = mage_bed_exit,
	.test_cases = tree_test_cases,
};

kunit_test_suite(tree_test_suite);
