// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a policy in the place of another.
 *
 * A swap by its author, the end of a policy that broke a rule, and the end of one
 * whose cgroup is going.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/bpf.h>
#include <linux/memcontrol.h>
#include <trace/events/mage.h>
#include "replace.h"
#include "call.h"
#include "callback.h"
#include "dump.h"
#include "effort.h"
#include "epoch.h"
#include "exitlog.h"
#include "policy.h"
#include "tick.h"

static void mage_policy_set_exit_info(struct mage_domain *domain,
				      const struct mage_exit_info *info)
{
	mutex_lock(&mage_tree_mutex);
	domain->exit_info = *info;
	mutex_unlock(&mage_tree_mutex);
}

/* Says why a policy does not come to govern. */
static __printf(4, 5) void mage_policy_refuse(struct mage_domain *domain,
					      const struct mage_ops *policy,
					      enum mage_exit_kind kind, const char *fmt, ...)
{
	struct mage_exit_record record = {};
	struct mage_exit_info *info = &record.info;
	va_list args;

	mage_exit_info_fill(info, policy, kind, "");
	va_start(args, fmt);
	vsnprintf(info->message, sizeof(info->message), fmt, args);
	va_end(args);
	mage_policy_set_exit_info(domain, info);
	/* The domain may be of the tree of one above so far. */
	pr_warn("policy %s of cgroup %llu refused: %s\n", info->policy,
		cgroup_id(domain->memcg->css.cgroup), info->message);
	record.cgroup_id = cgroup_id(domain->memcg->css.cgroup);
	mage_exit_log(&record);
}

/**
 * mage_policy_call_init() - let a policy get ready
 * @domain: the domain that it is to govern
 * @policy: the policy
 *
 * None of our locks is held, so that nobody but who attaches it waits.  One that takes
 * too long is refused, so that its author sees it before others do.
 *
 * Return: 0 or a negative errno
 */
int mage_policy_call_init(struct mage_domain *domain, struct mage_ops *policy)
{
	u64 begin = ktime_get_ns(), ms;
	struct mage_call call;
	int err = 0;

	mage_call_enter(&call, domain, policy, MAGE_CALLBACKS, MAGE_CALL_APART);
	if (policy->init)
		err = policy->init(domain);
	mage_call_leave(&call);
	ms = div_u64(ktime_get_ns() - begin, NSEC_PER_MSEC);
	if (err > 0 || err < -MAX_ERRNO)
		err = -EINVAL;
	if (call.over) {
		mage_policy_refuse(domain, policy, MAGE_EXIT_TOO_LONG,
				   "init used %llu ms of CPU time; it may use %u",
				   mage_call_used_ms(&call), mage_call_ms(&call));
		err = -ETIME;
	} else if (ms > MAGE_INIT_MS) {
		mage_policy_refuse(domain, policy, MAGE_EXIT_TOO_LONG,
				   "init took %llu ms; it may take %d", ms, MAGE_INIT_MS);
		err = err ?: -ETIME;
	} else if (err) {
		mage_policy_refuse(domain, policy, MAGE_EXIT_INIT, "init returned %d", err);
	}
	return err;
}

/* It has left, so all that is to be done about one that takes too long is to say so. */
static void mage_policy_call_exit(struct mage_domain *domain, struct mage_ops *policy,
				  const struct mage_exit_info *info)
{
	struct mage_call call;

	mage_call_enter(&call, domain, policy, MAGE_CALLBACKS, MAGE_CALL_APART);
	policy->exit(domain, info);
	mage_call_leave(&call);
	if (call.over)
		pr_warn("policy %s of cgroup %llu: exit used %llu ms of CPU time; it may use %u\n",
			policy->name, domain->cgroup_id, mage_call_used_ms(&call),
			mage_call_ms(&call));
}

/*
 * Notes who is to be told that it has left.  Its map may be detached, and would be freed,
 * as soon as the policy_mutex is dropped, which who detaches it waits for: so it is still
 * there now.  One without a link is of no map.
 */
static void mage_policy_leaves(struct mage_domain *root, struct mage_ops *old,
			       const struct mage_exit_info *info, struct mage_leaver *leaver)
{
	leaver->info = *info;
	if (!old->exit)
		return;
	leaver->kept = root->link && bpf_struct_ops_get(old);
	if (!WARN_ON_ONCE(root->link && !leaver->kept))
		leaver->policy = old;
}

/**
 * mage_policy_see_off() - let a policy that has left tidy up
 * @domain: the domain that it governed; the caller holds a reference
 * @leaver: what mage_policy_replace() or mage_policy_end() has filled
 *
 * None of our locks is held, so that nobody but the caller waits for its exit.
 */
void mage_policy_see_off(struct mage_domain *domain, const struct mage_leaver *leaver)
{
	if (!leaver->policy)
		return;
	mage_policy_call_exit(domain, leaver->policy, &leaver->info);
	if (leaver->kept)
		bpf_struct_ops_put(leaver->policy);
}

/* What a policy did in a row does not count any more. */
static void mage_policy_forgive(struct mage_domain *domain)
{
	atomic_set(&domain->fruitless, 0);
	atomic_set(&domain->bad_picks, 0);
	mage_effort_forget(domain);
}

/*
 * A domain comes under another policy in five steps, the first of which is this: all
 * is ready for it to be found, and the one before still governs.  No domain is made between
 * this step and the next: the words of its frames would be taken for those of the new one.
 */
static void mage_policy_nears(struct mage_domain *domain, const struct mage_ops *next)
{
	/* Frame words written from now on belong to the new policy. */
	mage_shards_next_epoch(&domain->shards);
	/* Before the pointer: whoever finds the new one shall not skip its callbacks. */
	WRITE_ONCE(domain->hears, domain->hears | mage_policy_hears(next));
	/* The new one answers neither for what the one before did, nor for what that still does. */
	mage_policy_forgive(domain);
}

/*
 * The second: whoever asks finds the new one, and some are in callbacks of the old.  On
 * @taken are those for the next step, with a reference each.
 */
static void mage_policy_takes_over(struct mage_domain *domain, const struct mage_ops *next,
				   struct list_head *taken)
{
	WRITE_ONCE(domain->remembers, next->flags & MAGE_OPS_GHOST);
	WRITE_ONCE(domain->wanted_room, MAGE_HEADROOM_DEFAULT);
	/* If its cgroup is just going it has no pages. */
	if (mage_domain_get(domain))
		list_add_tail(&domain->taken, taken);
}

static void mage_domain_gather(struct mage_domain *domain)
{
	mutex_lock(&domain->lists_mutex);
	mage_shards_gather(&domain->shards);
	mutex_unlock(&domain->lists_mutex);
}

static void mage_domain_gather_unknown(struct mage_domain *domain)
{
	mutex_lock(&domain->lists_mutex);
	mage_shards_gather_unknown(&domain->shards);
	mutex_unlock(&domain->lists_mutex);
}

/*
 * The third is what takes its time: without mage_tree_mutex, so that no cgroup that comes
 * or goes has to wait for it.
 */
static void mage_policy_settles(struct list_head *taken)
{
	struct mage_domain *domain, *more;

	/* First all of them, as the policy is being called already. */
	list_for_each_entry(domain, taken, taken)
		mage_domain_gather(domain);
	list_for_each_entry_safe(domain, more, taken, taken) {
		mage_policy_ask_headroom(domain);
		mage_tick_start(domain);
		list_del(&domain->taken);
		mage_domain_put(domain);
	}
}

/*
 * The last but one: a grace period has passed, and nobody is in a callback of the old one.
 * On @taken are those for the last, as before.
 */
static void mage_policy_is_alone(struct mage_domain *domain, const struct mage_ops *next,
				 struct list_head *taken)
{
	mage_policy_forgive(domain);
	/* It is for the new one to say whom it favours. */
	mage_queue_level(&domain->queue, domain->memcg);
	WRITE_ONCE(domain->hears, mage_policy_hears(next));
	if (mage_domain_get(domain))
		list_add_tail(&domain->taken, taken);
}

/* Whether what governs by now wants to be told of the pages that are there. */
static bool mage_policy_is_told(struct mage_domain *domain)
{
	bool told;

	rcu_read_lock();
	told = mage_policy_wants_takeover(mage_policy(domain));
	rcu_read_unlock();
	return told;
}

/*
 * The last: what callbacks of the old one have put on lists of its own meanwhile is where
 * the new one may never look, and words that it has written are not the new one's.  Of those
 * that the new one has written by then neither words nor lists stay.  What comes afterwards
 * it keeps where it puts it, so that only the rest is gathered once more, when those that
 * came in the epoch before have been told of.
 */
static void mage_policy_finds_all(struct list_head *taken)
{
	struct mage_domain *domain, *more;

	list_for_each_entry(domain, taken, taken) {
		mage_domain_gather(domain);
		mage_shards_next_epoch(&domain->shards);
	}
	mage_epochs_go_on();
	synchronize_rcu();
	list_for_each_entry_safe(domain, more, taken, taken) {
		mage_domain_gather_unknown(domain);
		if (mage_policy_is_told(domain)) {
			WRITE_ONCE(domain->untold, true);
			mage_tick_start(domain);
		}
		list_del(&domain->taken);
		mage_domain_put(domain);
	}
}

/*
 * What there is to say of a policy that is about to leave: once another has taken over,
 * its lists are no more.  The dump of one that is ejected is in it, too.
 */
static void mage_policy_look_back(struct mage_domain *root, struct mage_ops *old,
				  struct mage_exit_record *record)
{
	struct mage_dump dump;

	record->cgroup_id = root->cgroup_id;
	record->governed = true;
	mage_domain_total_lists(root, record->list);
	if (READ_ONCE(root->ejected) != old || !mage_dump_of_ejected(root, old, &dump))
		return;
	record->dump = dump.text;
	record->dump_cut = dump.cut;
}

/**
 * mage_policy_called() - calls of the callbacks of what governs, since it took over
 * @root: its domain; the caller holds mage_tree_mutex
 * @called: array of MAGE_CALLBACKS, overwritten
 */
void mage_policy_called(const struct mage_domain *root, struct mage_callback_stats *called)
{
	unsigned int i;

	lockdep_assert_held(&mage_tree_mutex);
	mage_callback_sum(root->root_stats, called);
	for (i = 0; i < MAGE_CALLBACKS; i++) {
		called[i].calls -= root->called_before[i].calls;
		called[i].errors -= root->called_before[i].errors;
		called[i].ns -= root->called_before[i].ns;
	}
}

/* From now on calls are counted for the one that takes over. */
static void mage_policy_count_anew(struct mage_domain *root, struct mage_callback_stats *counted)
{
	unsigned int i;

	mage_policy_called(root, counted);
	for (i = 0; i < MAGE_CALLBACKS; i++) {
		root->called_before[i].calls += counted[i].calls;
		root->called_before[i].errors += counted[i].errors;
		root->called_before[i].ns += counted[i].ns;
	}
}

/**
 * mage_policy_set_link() - a domain has another link, or none
 * @domain: the domain; the caller holds its policy_mutex
 * @link: the BPF link that holds what governs, or NULL
 */
void mage_policy_set_link(struct mage_domain *domain, struct bpf_link *link)
{
	lockdep_assert_held(&domain->policy_mutex);
	/* For who looks at it under that alone. */
	mutex_lock(&mage_tree_mutex);
	WRITE_ONCE(domain->link, link);
	mutex_unlock(&mage_tree_mutex);
}

/**
 * mage_policy_begin() - the first policy of a domain
 * @domain: a root that is not published yet
 * @policy: the policy
 * @link: the BPF link that holds @policy
 */
void mage_policy_begin(struct mage_domain *domain, struct mage_ops *policy, struct bpf_link *link)
{
	domain->link = link;
	domain->hears = mage_policy_hears(policy);
	domain->remembers = policy->flags & MAGE_OPS_GHOST;
	RCU_INIT_POINTER(domain->policy, policy);
}

/**
 * mage_policy_follows() - a new domain is governed as the one above it
 * @domain: a domain that is not published yet
 * @above: that one
 *
 * The caller holds mage_tree_mutex: so who replaces the policy sees the domain, or that
 * has what it set.
 */
void mage_policy_follows(struct mage_domain *domain, const struct mage_domain *above)
{
	lockdep_assert_held(&mage_tree_mutex);
	domain->hears = READ_ONCE(above->hears);
	domain->remembers = READ_ONCE(above->remembers);
}

static void mage_policy_set_replacing(struct mage_domain *root, bool replacing)
{
	spin_lock_irq(&root->eject_lock);
	root->replacing = replacing;
	spin_unlock_irq(&root->eject_lock);
}

/**
 * mage_policy_turn() - domains come under another root
 * @top: the topmost of them
 * @from: their root so far
 * @to: their root from now on: @top itself, to which a policy is attached; or the
 *	root above, as none is any more
 *
 * All domains of @from that are not above @top turn.  Their pages stay where they are.
 * The caller holds mage_domains_mutex, and the policy_mutex of both roots.  May sleep.
 */
void mage_policy_turn(struct mage_domain *top, struct mage_domain *from, struct mage_domain *to)
{
	const struct mage_ops *next = rcu_dereference_protected(to->policy,
							lockdep_is_held(&to->policy_mutex));
	struct mage_domain *domain, *more;
	unsigned int left = 0;
	LIST_HEAD(taken);

	mage_epochs_are_to_come();
	/* Nobody can tell which of the two gives up now, see mage_policy_error(). */
	mage_policy_set_replacing(to, true);
	mutex_lock(&mage_tree_mutex);
	list_for_each_entry_safe(domain, more, &from->members, member) {
		if (!mem_cgroup_is_descendant(domain->memcg, top->memcg))
			continue;
		mage_policy_nears(domain, next);
		mage_domain_join(domain, to);
		mage_policy_takes_over(domain, next, &taken);
		left += domain != from;
	}
	mutex_unlock(&mage_tree_mutex);
	mage_policy_settles(&taken);
	synchronize_rcu();
	mutex_lock(&mage_tree_mutex);
	list_for_each_entry(domain, &to->members, member)
		if (mem_cgroup_is_descendant(domain->memcg, top->memcg))
			mage_policy_is_alone(domain, next, &taken);
	mutex_unlock(&mage_tree_mutex);
	mage_policy_finds_all(&taken);
	mage_policy_set_replacing(to, false);
	/* They had one each. */
	while (left--)
		mage_domain_put(from);
}

/**
 * mage_policy_replace() - put a policy in the place of what governs
 * @root: the root; the caller holds its policy_mutex
 * @next: what is to govern from now on
 * @info: why the one before goes, unless it broke a rule: then that is why
 * @leaver: overwritten: the one before, for mage_policy_see_off() after the locks have been
 *	dropped
 *
 * No call finds no policy: each finds the old or the new one.  May sleep.
 */
void mage_policy_replace(struct mage_domain *root, struct mage_ops *next,
			 const struct mage_exit_info *info, struct mage_leaver *leaver)
{
	struct mage_exit_record record = { .info = *info };
	struct mage_domain *domain;
	struct mage_ops *old;
	LIST_HEAD(taken);
	bool ejected;

	lockdep_assert_held(&root->policy_mutex);
	*leaver = (struct mage_leaver){};
	old = rcu_dereference_protected(root->policy, lockdep_is_held(&root->policy_mutex));
	mage_epochs_are_to_come();
	if (old != &mage_builtin_policy)
		mage_policy_look_back(root, old, &record);
	mutex_lock(&mage_tree_mutex);
	list_for_each_entry(domain, &root->members, member)
		mage_policy_nears(domain, next);
	mage_policy_count_anew(root, record.callback);
	spin_lock_irq(&root->eject_lock);
	ejected = root->ejected == old;
	if (ejected)
		record.info = root->eject_info;
	root->replacing = true;
	rcu_assign_pointer(root->policy, next);
	spin_unlock_irq(&root->eject_lock);
	list_for_each_entry(domain, &root->members, member)
		mage_policy_takes_over(domain, next, &taken);
	mutex_unlock(&mage_tree_mutex);
	mage_policy_settles(&taken);
	/* After this nobody is in a callback of the old one. */
	synchronize_rcu();
	mutex_lock(&mage_tree_mutex);
	list_for_each_entry(domain, &root->members, member)
		mage_policy_is_alone(domain, next, &taken);
	mutex_unlock(&mage_tree_mutex);
	mage_policy_finds_all(&taken);
	spin_lock_irq(&root->eject_lock);
	root->replacing = false;
	/* The new one may have broken a rule already: that stands. */
	if (root->ejected == old)
		WRITE_ONCE(root->ejected, NULL);
	spin_unlock_irq(&root->eject_lock);
	/* Whoever ends it: a swap may be faster than the work. */
	if (ejected)
		mage_count(root->stats, MAGE_STAT_EJECTIONS);
	if (old == &mage_builtin_policy)
		return;
	mage_policy_set_exit_info(root, &record.info);
	mage_exit_log(&record);
	trace_mage_policy_exit(root->cgroup_id, record.info.policy, record.info.kind,
			       record.info.message);
	mage_policy_leaves(root, old, &record.info, leaver);
}

/*
 * The link of what governs, which while unreg has not run is there, with a
 * reference; NULL if it is dying.  Under policy_mutex.
 */
static struct bpf_link *mage_policy_get_link(struct mage_domain *domain)
{
	struct bpf_link *link = domain->link ? bpf_link_inc_not_zero(domain->link) : NULL;

	return IS_ERR(link) ? NULL : link;
}

/**
 * mage_policy_detach() - the link of a policy that has left is of no more use
 * @link: the link, with a reference that is dropped, or NULL
 *
 * Tells user space, which sees EPOLLHUP, by way of unreg.  None of our locks is held.
 */
void mage_policy_detach(struct bpf_link *link)
{
	if (!link)
		return;
	link->ops->detach(link);
	bpf_link_put(link);
}

static void mage_policy_eject_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(work, struct mage_domain, eject_work);
	struct mage_leaver leaver = {};
	struct bpf_link *link = NULL;

	mutex_lock(&domain->policy_mutex);
	if (READ_ONCE(domain->ejected)) {
		link = mage_policy_get_link(domain);
		mage_policy_replace(domain, &mage_builtin_policy, &domain->eject_info, &leaver);
		pr_warn("policy %s of cgroup %llu ejected: %s\n", leaver.info.policy,
			domain->cgroup_id, leaver.info.message);
	}
	mutex_unlock(&domain->policy_mutex);
	mage_policy_see_off(domain, &leaver);
	mage_policy_detach(link);
	mage_domain_put(domain);
}

/**
 * mage_policy_set_up() - what ends an ejected policy of a domain
 * @domain: a new domain
 */
void mage_policy_set_up(struct mage_domain *domain)
{
	INIT_WORK(&domain->eject_work, mage_policy_eject_work);
}

/**
 * mage_policy_end() - end a domain's policy from inside the kernel
 * @domain: the domain; the caller holds its policy_mutex
 * @kind: why
 * @why: why, for people
 * @leaver: overwritten: what mage_policy_see_off() is to be given after the locks have been
 *	dropped
 *
 * May sleep.
 *
 * Return: what mage_policy_detach() is to be given after that
 */
struct bpf_link *mage_policy_end(struct mage_domain *domain, enum mage_exit_kind kind,
				 const char *why, struct mage_leaver *leaver)
{
	struct bpf_link *link = mage_policy_get_link(domain);
	struct mage_exit_info info = {};
	struct mage_ops *policy;

	lockdep_assert_held(&domain->policy_mutex);
	*leaver = (struct mage_leaver){};
	policy = rcu_dereference_protected(domain->policy,
					   lockdep_is_held(&domain->policy_mutex));
	if (policy != &mage_builtin_policy) {
		mage_exit_info_fill(&info, policy, kind, why);
		mage_policy_replace(domain, &mage_builtin_policy, &info, leaver);
	}
	mage_policy_set_link(domain, NULL);
	return link;
}
