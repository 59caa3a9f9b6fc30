// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: evictors, kernel threads bound to the CPUs that are theirs.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/kthread.h>
#include <linux/mage.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>
#include <trace/events/mage.h>
#include "evictor.h"
#include "bell.h"
#include "callback.h"
#include "domain.h"
#include "flight.h"
#include "knobs.h"
#include "pipeline.h"
#include "room.h"
#include "select.h"
#include "share.h"
#include "shoot.h"
#include "stock.h"

/* Times that another domain is drawn below a limit in place of one that has no victims. */
#define MAGE_REDRAWS		4

/**
 * struct mage_evictor - one evictor
 * @task: its thread
 * @cpu: where it is bound to
 * @bell: wakes it
 * @last_id: the domain that was served last
 * @shoot: its TLB shootdowns
 * @batch: its pipeline
 */
struct mage_evictor {
	struct task_struct *task;
	unsigned int cpu;
	struct mage_bell bell;
	unsigned int last_id;
	struct mage_shootdown shoot;
	struct mage_batch batch[MAGE_DEPTH_MAX];
};

/*
 * Protects changes of the evictors and what follows; inside the CPU hotplug
 * lock.
 */
static DEFINE_MUTEX(mage_evictors_mutex);

/*
 * CPUs that were asked for, and CPUs that have evictors; the latter is read
 * without the lock by who kicks evictors, and may then be a little old.
 */
static struct cpumask mage_evictor_choice, mage_evictor_cpus;

/* Evictors by CPU; read under RCU, freed after a grace period. */
static struct mage_evictor __rcu *mage_evictors[NR_CPUS];

static void mage_evictor_kick(unsigned int cpu)
{
	struct mage_evictor *evictor;

	rcu_read_lock();
	evictor = cpu < nr_cpu_ids ? rcu_dereference(mage_evictors[cpu]) : NULL;
	/*
	 * One that is awake and about to look has no need of it.  What made the
	 * caller kick comes before this look; the evictor has the same barrier
	 * between clearing the flag and looking.
	 */
	smp_mb();
	if (evictor && !READ_ONCE(evictor->bell.rung))
		mage_bell_ring(&evictor->bell);
	rcu_read_unlock();
}

/**
 * mage_evictors_kick() - there is work
 *
 * Wakes the first evictor, which wakes the next when it finds more than it can
 * take.  May be called under page table locks.
 */
void mage_evictors_kick(void)
{
	mage_evictor_kick(cpumask_first(&mage_evictor_cpus));
}

/**
 * mage_evictors_kick_all() - there is work, and threads wait for it
 */
void mage_evictors_kick_all(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &mage_evictor_cpus)
		mage_evictor_kick(cpu);
}

/**
 * mage_evictors_kick_node() - there is work on one node, and threads wait for it
 * @nid: the node
 */
void mage_evictors_kick_node(int nid)
{
	unsigned int cpu;
	bool any = false;

	for_each_cpu_and(cpu, &mage_evictor_cpus, cpumask_of_node(nid)) {
		mage_evictor_kick(cpu);
		any = true;
	}
	if (!any)
		mage_evictors_kick_all();
}

/* Whether a domain is not to be asked for anything now. */
static bool mage_domain_rests(const struct mage_domain *domain)
{
	return READ_ONCE(domain->shards.closing) ||
	       (READ_ONCE(domain->stalled) && time_before(jiffies, READ_ONCE(domain->retry_at)));
}

/*
 * Pages to evict now of a domain and those below it, beside those that are in flight
 * already.  A batch costs a shootdown whatever its size: while others are in flight the
 * next waits until it can be a whole one, unless threads wait for it.
 */
static long mage_domain_wants(struct mage_domain *domain)
{
	long demand = mage_domain_demanded(domain);
	long coming = mage_domain_coming(domain);
	long wants, size, whole;

	wants = mage_room_wanted(domain);
	if (wants <= 0 && demand <= 0)
		return 0;
	size = mage_batch_default_size(domain);
	whole = READ_ONCE(domain->batch_size) ?: size;
	wants -= coming;
	demand -= coming;
	if (wants < whole && (coming > 0 || atomic_read(&domain->in_flight)) &&
	    !atomic_read(&domain->nr_waiting))
		wants = 0;
	if (wants > 0)
		wants = max(wants, size);
	return max(wants, demand);
}

u32 mage_evictors_nr(void)
{
	return cpumask_weight(&mage_evictor_cpus);
}

/* Which of the evictors this is, counted from 0. */
static u32 mage_evictor_rank(struct mage_evictor *evictor)
{
	unsigned int cpu;
	u32 rank = 0;

	for_each_cpu(cpu, &mage_evictor_cpus) {
		if (cpu == evictor->cpu)
			break;
		rank++;
	}
	return rank;
}

/* Whether a domain's policy lets an evictor start one more batch. */
static bool mage_evictor_may_serve(struct mage_domain *domain, void *data)
{
	unsigned int i, depth = READ_ONCE(mage_knobs.depth);
	u32 evictors = mage_policy_evictors(domain);
	struct mage_evictor *evictor = data;

	if (evictors < MAGE_EVICTORS_MAX && mage_evictor_rank(evictor) >= evictors)
		return false;
	depth = depth ? min(depth, MAGE_DEPTH_MAX) : mage_policy_depth(domain);
	for (i = 0; i < MAGE_DEPTH_MAX; i++)
		if (evictor->batch[i].state != MAGE_BATCH_IDLE &&
		    evictor->batch[i].domain == domain && !--depth)
			return false;
	return true;
}

/**
 * struct mage_shortage - pages that are wanted of a domain and those below it
 * @domain: the domain
 * @id: its id
 * @nid: the node that they are to be on, and then they are @domain's own; NUMA_NO_NODE if
 *	it does not matter
 * @wants: how many
 */
struct mage_shortage {
	struct mage_domain *domain;
	unsigned int id;
	int nid;
	long wants;
};

/*
 * Fills @batch with pages of @giver, up to what is short; takes over the reference then.
 * What @shortage points to may be gone by now, and is not looked at.
 */
static bool mage_evictor_fill(struct mage_evictor *evictor, struct mage_batch *batch,
			      const struct mage_giver *giver, const struct mage_shortage *shortage)
{
	struct mage_domain *domain = giver->domain;
	u32 evictors = mage_policy_evictors(domain);
	long wants = shortage->wants;

	/* One that was told to stay away does not come by itself. */
	if (evictors < MAGE_EVICTORS_MAX && evictors > 1)
		mage_evictor_kick(cpumask_next(evictor->cpu, &mage_evictor_cpus));
	mage_policy_ask_headroom(domain);
	/* What nobody has touched costs no write and no shootdown. */
	mage_flights_shed(domain);
	atomic_inc(&domain->in_flight);
	if (mage_batch_select(batch, domain, shortage->nid, wants, giver->most)) {
		trace_mage_batch_stage(domain->cgroup_id, batch, MAGE_BATCH_IDLE, batch->nr);
		batch->state = MAGE_BATCH_ARM;
		/* More than a few batches are to be had: another may help. */
		if (wants > MAGE_DEPTH_DEFAULT * batch->max)
			mage_evictor_kick(cpumask_next(evictor->cpu, &mage_evictor_cpus));
		mage_stock_share(domain, mage_batch_leaving(batch));
		return true;
	}
	atomic_dec(&domain->in_flight);
	if (shortage->nid != NUMA_NO_NODE) {
		/* There is nothing to be had, and who asked looks elsewhere. */
		mage_want_forget(&domain->want[shortage->nid]);
		return false;
	}
	/*
	 * What is in flight wakes an evictor when it ends.  If nothing is, stock reclaim
	 * does, when it has done what it can; so a policy that picks nothing is asked
	 * again, until it does or is ejected.
	 */
	if (mage_domain_coming(domain) <= 0)
		mage_stock_ask(domain, wants, shortage->id == domain->shards.id);
	return false;
}

/* The same of the pages on one node, which are a domain's own. */
static long mage_domain_wants_on(const struct mage_domain *domain, int nid)
{
	return mage_domain_demanded_on(domain, nid) -
	       max(atomic_long_read(&domain->want[nid].coming), 0);
}

/*
 * The node that pages of a domain are wanted on: an evictor's own first, as its caches and
 * its memory are there.
 */
static int mage_evictor_wanted_node(const struct mage_evictor *evictor,
				    const struct mage_domain *domain)
{
	int nid, home = cpu_to_node(evictor->cpu);

	if (!domain->want)
		return NUMA_NO_NODE;
	if (mage_domain_wants_on(domain, home) > 0)
		return home;
	for_each_node_state(nid, N_MEMORY)
		if (mage_domain_wants_on(domain, nid) > 0)
			return nid;
	return NUMA_NO_NODE;
}

/*
 * What a domain is short of.  A node's pages come first: those for a limit may be any,
 * among them these.
 */
static struct mage_shortage mage_domain_shortage(const struct mage_evictor *evictor,
						 struct mage_domain *domain)
{
	struct mage_shortage found = {
		.domain = domain,
		.id = domain->shards.id,
		.nid = NUMA_NO_NODE,
	};

	if (mage_domain_rests(domain))
		return found;
	found.nid = mage_evictor_wanted_node(evictor, domain);
	found.wants = found.nid == NUMA_NO_NODE ? mage_domain_wants(domain) :
						  mage_domain_wants_on(domain, found.nid);
	return found;
}

/*
 * A domain that is short: the next one by id after the one that was served last, so that
 * all get their turn; of those that come at least *@after ids later.  Under RCU.
 */
static bool mage_evictor_next_short(const struct mage_evictor *evictor, unsigned int *after,
				    struct mage_shortage *next)
{
	struct mage_domain *domain;
	unsigned int least = UINT_MAX;

	list_for_each_entry_rcu(domain, &mage_domains, all) {
		unsigned int distance = (domain->shards.id - evictor->last_id - 1) %
					MAGE_DOMAIN_IDS;
		struct mage_shortage found;

		if (distance >= least || distance < *after)
			continue;
		found = mage_domain_shortage(evictor, domain);
		if (found.wants <= 0)
			continue;
		least = distance;
		*next = found;
	}
	*after = least + 1;
	return least != UINT_MAX;
}

/*
 * Who is to give what the next domain is short of, with a reference.
 *
 * Return: false if none is short any more; nobody is named if nobody may give just now
 */
static bool mage_evictor_next_giver(struct mage_evictor *evictor, unsigned int *after,
				    struct mage_shortage *next, struct mage_giver *giver)
{
	bool found;

	giver->domain = NULL;
	rcu_read_lock();
	found = mage_evictor_next_short(evictor, after, next);
	if (found && next->nid == NUMA_NO_NODE)
		*giver = mage_share_draw(next->domain, mage_evictor_may_serve, evictor);
	else if (found && mage_evictor_may_serve(next->domain, evictor))
		*giver = (struct mage_giver){ .domain = next->domain, .most = ULONG_MAX };
	if (giver->domain && giver->domain != next->domain)
		mage_policy_ask_headroom(next->domain);
	if (giver->domain && !mage_domain_get(giver->domain))
		giver->domain = NULL;
	rcu_read_unlock();
	return found;
}

/*
 * Stock reclaim is to take pages that are on nobody's lists.  If nothing else is on its way
 * either, and that gets nowhere, the domain is stalled.
 */
static void mage_evictor_asks_stock(struct mage_domain *domain)
{
	if (mage_domain_coming(domain) > 0)
		mage_stock_help(domain);
	else
		mage_stock_ask(domain, SWAP_CLUSTER_MAX, false);
}

/*
 * Starts a batch for some domain that needs room: its own pages, or some from below it.
 * What has none to give keeps nobody else waiting.
 */
static bool mage_evictor_start(struct mage_evictor *evictor, struct mage_batch *batch)
{
	unsigned int after = 0, redraws = 0, at;
	struct mage_shortage next;
	struct mage_giver giver;

	for (at = 0; mage_evictor_next_giver(evictor, &after, &next, &giver); at = after) {
		cond_resched();
		if (!giver.domain) {
			/* Woken for its node, but its policy wants the first ones only. */
			if (next.nid != NUMA_NO_NODE &&
			    cpumask_first(&mage_evictor_cpus) != evictor->cpu)
				mage_evictors_kick();
			continue;
		}
		if (giver.by_stock) {
			mage_evictor_asks_stock(giver.domain);
		} else if (mage_evictor_fill(evictor, batch, &giver, &next)) {
			evictor->last_id = next.id;
			return true;
		}
		/*
		 * It may have page cache only, of which stock reclaim takes its share; or
		 * nothing on one node, but something on others.
		 */
		if ((giver.by_stock || giver.domain->shards.id != next.id ||
		     next.nid != NUMA_NO_NODE) && redraws++ < MAGE_REDRAWS)
			after = at;
		mage_domain_put(giver.domain);
	}
	return false;
}

/* One look at the whole pipeline; false if nothing could be done. */
static bool mage_evictor_pass(struct mage_evictor *evictor, bool start)
{
	unsigned int i, busy = 0;
	bool progress = false;

	/* What is in flight first, so that what can end makes way. */
	for (i = 0; i < MAGE_DEPTH_MAX; i++) {
		struct mage_batch *batch = &evictor->batch[i];

		if (batch->state == MAGE_BATCH_IDLE)
			continue;
		progress |= mage_batch_step(batch);
		busy += batch->state != MAGE_BATCH_IDLE;
	}
	for (i = 0; start && busy < MAGE_DEPTH_MAX && i < MAGE_DEPTH_MAX; i++) {
		struct mage_batch *batch = &evictor->batch[i];

		if (batch->state != MAGE_BATCH_IDLE)
			continue;
		if (!mage_evictor_start(evictor, batch))
			break;
		busy++;
		progress = true;
	}
	/* After every batch had its turn, so that a round serves many. */
	return mage_shoot_send(&evictor->shoot) || progress;
}

static bool mage_evictor_is_empty(struct mage_evictor *evictor)
{
	unsigned int i;

	for (i = 0; i < MAGE_DEPTH_MAX; i++)
		if (evictor->batch[i].state != MAGE_BATCH_IDLE)
			return false;
	return true;
}

static int mage_evictor_fn(void *data)
{
	struct mage_evictor *evictor = data;
	/* Charges and allocations of what makes room must not wait for room. */
	unsigned int noreclaim = memalloc_noreclaim_save();

	while (!kthread_should_stop() || !mage_evictor_is_empty(evictor)) {
		WRITE_ONCE(evictor->bell.rung, false);
		/* Clear before the look: what comes after it wakes us again. */
		smp_mb();
		if (!mage_evictor_pass(evictor, !kthread_should_stop()))
			rcuwait_wait_event(&evictor->bell.wait,
					   READ_ONCE(evictor->bell.rung) ||
					   (kthread_should_stop() &&
					    mage_evictor_is_empty(evictor)), TASK_IDLE);
		cond_resched();
	}
	memalloc_noreclaim_restore(noreclaim);
	return 0;
}

/**
 * mage_is_evictor() - whether the current task is an evictor
 */
bool mage_is_evictor(void)
{
	return current->flags & PF_KTHREAD && kthread_func(current) == mage_evictor_fn;
}

static void mage_evictor_free(struct mage_evictor *evictor)
{
	mage_shootdown_free(&evictor->shoot);
	vfree(evictor);
}

static struct mage_evictor *mage_evictor_create(unsigned int cpu)
{
	struct mage_evictor *evictor = vzalloc_node(sizeof(*evictor), cpu_to_node(cpu));
	unsigned int i;
	int err;

	if (!evictor)
		return ERR_PTR(-ENOMEM);
	evictor->cpu = cpu;
	mage_bell_init(&evictor->bell);
	err = mage_shootdown_init(&evictor->shoot, &evictor->bell);
	if (err)
		goto fail;
	for (i = 0; i < MAGE_DEPTH_MAX; i++) {
		evictor->batch[i].bell = &evictor->bell;
		/* On every far device it has a write queue of its own. */
		evictor->batch[i].queue = cpu;
		if (nr_node_ids > 1)
			evictor->batch[i].home = cpu_to_node(cpu) + 1;
		evictor->batch[i].shoot = &evictor->shoot;
	}
	evictor->task = kthread_create_on_cpu(mage_evictor_fn, evictor, cpu, "mage_evict/%u");
	if (IS_ERR(evictor->task)) {
		err = PTR_ERR(evictor->task);
		goto fail;
	}
	wake_up_process(evictor->task);
	return evictor;

fail:
	mage_evictor_free(evictor);
	return ERR_PTR(err);
}

/* Makes evictors on @cpus and ends the others, which end their batches first. */
static int mage_evictors_place(const struct cpumask *cpus)
{
	struct mage_evictor *evictor;
	unsigned int cpu;
	int err = 0;

	lockdep_assert_held(&mage_evictors_mutex);
	/* First the new ones, so that some are there all the time. */
	for_each_cpu(cpu, cpus) {
		if (rcu_access_pointer(mage_evictors[cpu]))
			continue;
		evictor = mage_evictor_create(cpu);
		if (IS_ERR(evictor)) {
			err = PTR_ERR(evictor);
			break;
		}
		rcu_assign_pointer(mage_evictors[cpu], evictor);
		cpumask_set_cpu(cpu, &mage_evictor_cpus);
	}
	for_each_possible_cpu(cpu) {
		evictor = rcu_dereference_protected(mage_evictors[cpu],
						    lockdep_is_held(&mage_evictors_mutex));
		if (err || !evictor || cpumask_test_cpu(cpu, cpus))
			continue;
		cpumask_clear_cpu(cpu, &mage_evictor_cpus);
		RCU_INIT_POINTER(mage_evictors[cpu], NULL);
		kthread_stop(evictor->task);
		synchronize_rcu();
		mage_evictor_free(evictor);
	}
	mage_evictors_kick();
	return err;
}

/**
 * mage_evictors_set_cpus() - choose the CPUs that evict
 * @cpus: online CPUs, at least one
 *
 * Return: 0; -EINVAL for no CPU or one that is not online; -ENOMEM
 */
int mage_evictors_set_cpus(const struct cpumask *cpus)
{
	int err = -EINVAL;

	cpus_read_lock();
	mutex_lock(&mage_evictors_mutex);
	if (!cpumask_empty(cpus) && cpumask_subset(cpus, cpu_online_mask)) {
		err = mage_evictors_place(cpus);
		if (!err)
			cpumask_copy(&mage_evictor_choice, cpus);
	}
	mutex_unlock(&mage_evictors_mutex);
	cpus_read_unlock();
	return err;
}

void mage_evictors_get_cpus(struct cpumask *cpus)
{
	mutex_lock(&mage_evictors_mutex);
	cpumask_copy(cpus, &mage_evictor_cpus);
	mutex_unlock(&mage_evictors_mutex);
}

/* Evictors on those of the chosen CPUs that are there; on any if none is. */
static int mage_evictors_replace(unsigned int cpu, bool goes)
{
	cpumask_var_t cpus;
	int err;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	mutex_lock(&mage_evictors_mutex);
	cpumask_and(cpus, &mage_evictor_choice, cpu_online_mask);
	if (goes)
		cpumask_clear_cpu(cpu, cpus);
	if (cpumask_empty(cpus))
		cpumask_set_cpu(cpumask_any_but(cpu_online_mask, goes ? cpu : nr_cpu_ids), cpus);
	err = mage_evictors_place(cpus);
	mutex_unlock(&mage_evictors_mutex);
	free_cpumask_var(cpus);
	return err;
}

/* A CPU has come: if it was chosen, its evictor comes back. */
static int mage_evictor_cpu_online(unsigned int cpu)
{
	/* It is no reason to keep a CPU from coming. */
	mage_evictors_replace(cpu, false);
	return 0;
}

/* A CPU is about to go: its evictor ends its batches, another goes on. */
static int mage_evictor_cpu_offline(unsigned int cpu)
{
	return mage_evictors_replace(cpu, true);
}

/* One evictor on the last CPU, until an operator says otherwise. */
int __init mage_evictors_start(void)
{
	int err = mage_stock_start();

	if (!err)
		err = mage_evictors_set_cpus(cpumask_of(cpumask_last(cpu_online_mask)));
	if (err)
		return err;
	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "mm/mage:evictors",
					mage_evictor_cpu_online, mage_evictor_cpu_offline);
	return err < 0 ? err : 0;
}
