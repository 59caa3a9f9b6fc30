// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: policies as BPF struct_ops, their attachment, replacement and ejection.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cgroup.h>
#include <linux/filter.h>
#include <trace/events/mage.h>
#include "internal.h"

static u32 mage_ops_type_id __ro_after_init;

/* What governs a domain without a policy, or with one that was ejected. */
struct mage_ops mage_builtin_policy = {
	.name = "builtin",
};

/**
 * mage_policy() - what governs a domain now
 * @domain: the domain; the caller is in an RCU read-side section
 *
 * Return: never NULL
 */
struct mage_ops *mage_policy(struct mage_domain *domain)
{
	struct mage_ops *policy = rcu_dereference(domain->policy);

	if (unlikely(!policy)) {
		mage_count(domain, MAGE_STAT_UNGOVERNED);
		return &mage_builtin_policy;
	}
	if (unlikely(policy == READ_ONCE(domain->ejected)))
		return &mage_builtin_policy;
	return policy;
}

bool mage_policy_is_builtin(struct mage_domain *domain)
{
	bool is;

	rcu_read_lock();
	is = mage_policy(domain) == &mage_builtin_policy;
	rcu_read_unlock();
	return is;
}

static void mage_exit_info_fill(struct mage_exit_info *info, const struct mage_ops *policy,
				enum mage_exit_kind kind, const char *message)
{
	info->kind = kind;
	strscpy(info->policy, policy->name);
	strscpy(info->message, message);
}

/**
 * mage_policy_call_init() - let a policy get ready
 * @domain: the domain that it is to govern
 * @policy: the policy
 *
 * Attaching of any policy waits meanwhile: one that takes too long is refused,
 * so that its author sees it before others do.
 *
 * Return: 0 or a negative errno
 */
int mage_policy_call_init(struct mage_domain *domain, struct mage_ops *policy)
{
	u64 begin = ktime_get_ns(), ms;
	int err = 0;

	if (policy->init)
		err = policy->init(domain);
	ms = div_u64(ktime_get_ns() - begin, NSEC_PER_MSEC);
	if (err > 0 || err < -MAX_ERRNO)
		err = -EINVAL;
	if (ms > MAGE_INIT_MS) {
		struct mage_exit_info *info = &domain->exit_info;

		mage_exit_info_fill(info, policy, MAGE_EXIT_TOO_LONG, "");
		snprintf(info->message, sizeof(info->message),
			 "init took %llu ms; it may take %d", ms, MAGE_INIT_MS);
		pr_warn("policy %s of cgroup %llu refused: %s\n", info->policy,
			domain->cgroup_id, info->message);
		mage_exit_log(domain->cgroup_id, info);
		err = err ?: -ETIME;
	}
	return err;
}

/**
 * mage_policy_takes_over() - settle what follows from a policy
 * @domain: the domain that it governs from now on
 * @policy: the policy
 */
void mage_policy_takes_over(struct mage_domain *domain, struct mage_ops *policy)
{
	WRITE_ONCE(domain->remembers, policy->flags & MAGE_OPS_GHOST);
	WRITE_ONCE(domain->wanted_room, MAGE_HEADROOM_DEFAULT);
}

/*
 * Puts @next in the place of what governs, and reports the end of that.  No
 * call finds no policy: each finds the old or the new one.
 */
static void mage_policy_replace(struct mage_domain *domain, struct mage_ops *next,
				const struct mage_exit_info *info)
{
	struct mage_ops *old;

	lockdep_assert_held(&domain->policy_mutex);
	old = rcu_dereference_protected(domain->policy,
					lockdep_is_held(&domain->policy_mutex));
	/* Frame words written from now on belong to the new policy. */
	WRITE_ONCE(domain->epoch, domain->epoch + 1);
	/* Before the pointer: whoever finds the new one shall not skip its callbacks. */
	WRITE_ONCE(domain->hears, domain->hears | mage_policy_hears(next));
	rcu_assign_pointer(domain->policy, next);
	mage_frames_gather(domain);
	mage_policy_takes_over(domain, next);
	mage_policy_ask_headroom(domain);
	mage_tick_start(domain);
	/* After this nobody is in a callback of the old one. */
	synchronize_rcu();
	WRITE_ONCE(domain->hears, mage_policy_hears(next));
	/* Whoever ends it: a swap may be faster than the work. */
	if (READ_ONCE(domain->ejected))
		mage_count(domain, MAGE_STAT_EJECTIONS);
	WRITE_ONCE(domain->ejected, NULL);
	atomic_set(&domain->fruitless, 0);
	atomic_set(&domain->bad_picks, 0);
	if (old == &mage_builtin_policy)
		return;
	domain->exit_info = *info;
	mage_exit_log(domain->cgroup_id, info);
	trace_mage_policy_exit(domain->cgroup_id, info->policy, info->kind, info->message);
	if (old->exit)
		old->exit(domain, info);
}

/**
 * mage_policy_eject() - a policy broke a rule
 * @domain: its domain
 * @policy: the policy; nothing happens if it does not govern any more
 * @kind: which rule
 * @fmt: what it did, for people
 *
 * Any context.  From here on calls go to the built-in policy; the rest is done
 * by a work, which may sleep.
 */
void mage_policy_eject(struct mage_domain *domain, struct mage_ops *policy,
		       enum mage_exit_kind kind, const char *fmt, ...)
{
	unsigned long flags;
	bool ejected = false;
	va_list args;

	if (policy == &mage_builtin_policy)
		return;
	spin_lock_irqsave(&domain->eject_lock, flags);
	if (!domain->ejected && rcu_access_pointer(domain->policy) == policy) {
		struct mage_exit_info *info = &domain->eject_info;

		mage_exit_info_fill(info, policy, kind, "");
		va_start(args, fmt);
		vsnprintf(info->message, sizeof(info->message), fmt, args);
		va_end(args);
		WRITE_ONCE(domain->ejected, policy);
		ejected = mage_domain_get(domain);
	}
	spin_unlock_irqrestore(&domain->eject_lock, flags);
	if (ejected && !queue_work(system_unbound_wq, &domain->eject_work))
		mage_domain_put(domain);
}

void mage_policy_eject_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(work, struct mage_domain, eject_work);
	struct bpf_link *link = NULL;

	mutex_lock(&domain->policy_mutex);
	if (READ_ONCE(domain->ejected)) {
		struct mage_exit_info info = domain->eject_info;

		/* While unreg has not run, the link is there; it may be dying. */
		if (domain->link)
			link = bpf_link_inc_not_zero(domain->link);
		if (IS_ERR(link))
			link = NULL;
		mage_policy_replace(domain, &mage_builtin_policy, &info);
		pr_warn("policy %s of cgroup %llu ejected: %s\n", info.policy,
			domain->cgroup_id, info.message);
	}
	mutex_unlock(&domain->policy_mutex);
	if (link) {
		/* Tells user space, which sees EPOLLHUP, by way of unreg. */
		link->ops->detach(link);
		bpf_link_put(link);
	}
	mage_domain_put(domain);
}

/**
 * mage_policy_end() - end a domain's policy from inside the kernel
 * @domain: the domain
 * @kind: why
 * @why: why, for people
 */
void mage_policy_end(struct mage_domain *domain, enum mage_exit_kind kind, const char *why)
{
	struct bpf_link *link = NULL;
	struct mage_exit_info info;
	struct mage_ops *policy;

	mutex_lock(&domain->policy_mutex);
	policy = rcu_dereference_protected(domain->policy,
					   lockdep_is_held(&domain->policy_mutex));
	if (policy != &mage_builtin_policy) {
		mage_exit_info_fill(&info, policy, kind, why);
		if (domain->link)
			link = bpf_link_inc_not_zero(domain->link);
		if (IS_ERR(link))
			link = NULL;
		mage_policy_replace(domain, &mage_builtin_policy, &info);
	}
	mutex_unlock(&domain->policy_mutex);
	if (link) {
		link->ops->detach(link);
		bpf_link_put(link);
	}
}

/* ---- struct_ops --------------------------------------------------------- */

static int mage_ops_init(struct btf *btf)
{
	s32 id = btf_find_by_name_kind(btf, "mage_ops", BTF_KIND_STRUCT);

	if (id < 0)
		return id;
	mage_ops_type_id = id;
	return 0;
}

static bool mage_ops_is_valid_access(int off, int size, enum bpf_access_type type,
				     const struct bpf_prog *prog,
				     struct bpf_insn_access_aux *info)
{
	return bpf_tracing_btf_ctx_access(off, size, type, prog, info);
}

static int mage_ops_check_member(const struct btf_type *t, const struct btf_member *member,
				 const struct bpf_prog *prog)
{
	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct mage_ops, init):
	case offsetof(struct mage_ops, exit):
		return 0;
	default:
		return prog->sleepable ? -EINVAL : 0;
	}
}

static int mage_ops_init_member(const struct btf_type *t, const struct btf_member *member,
				void *kdata, const void *udata)
{
	const struct mage_ops *from = udata;
	struct mage_ops *to = kdata;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct mage_ops, cgroup_id):
		to->cgroup_id = from->cgroup_id;
		return 1;
	case offsetof(struct mage_ops, flags):
		if (from->flags & ~(u64)MAGE_OPS_FLAGS)
			return -EINVAL;
		to->flags = from->flags;
		return 1;
	case offsetof(struct mage_ops, name):
		if (bpf_obj_name_cpy(to->name, from->name, sizeof(to->name)) <= 0)
			return -EINVAL;
		return 1;
	}
	return 0;
}

static int mage_ops_validate(void *kdata)
{
	return 0;
}

/* A domain that was ejected from gets a policy again. */
static int mage_domain_govern(struct mage_domain *domain, struct mage_ops *policy,
			      struct bpf_link *link)
{
	struct mage_exit_info info = {};
	int err = 0;

	mutex_lock(&domain->policy_mutex);
	if (domain->link || domain->closing) {
		err = -EBUSY;
	} else {
		err = mage_policy_call_init(domain, policy);
		if (!err) {
			domain->link = link;
			mage_policy_replace(domain, policy, &info);
		}
	}
	mutex_unlock(&domain->policy_mutex);
	return err;
}

/* The memory cgroup of whoever attaches a policy that names none. */
static u64 mage_current_cgroup_id(void)
{
	struct mem_cgroup *memcg;
	u64 id;

	rcu_read_lock();
	memcg = mem_cgroup_from_task(current);
	id = memcg ? cgroup_id(memcg->css.cgroup) : 0;
	rcu_read_unlock();
	return id;
}

static int mage_ops_reg(void *kdata, struct bpf_link *link)
{
	struct mage_ops *policy = kdata;
	struct mage_domain *domain;
	bool created = false;
	int err = 0;

	/* Without a link there is no swap, and no word of an ejection. */
	if (!link || !mage_enabled)
		return -EOPNOTSUPP;
	if (!policy->cgroup_id)
		policy->cgroup_id = mage_current_cgroup_id();

	mutex_lock(&mage_domains_mutex);
	domain = mage_domain_find(policy->cgroup_id);
	if (domain) {
		err = mage_domain_get(domain) ? mage_domain_govern(domain, policy, link) : -EBUSY;
	} else {
		domain = mage_domain_create(policy->cgroup_id, policy, link);
		if (IS_ERR(domain)) {
			err = PTR_ERR(domain);
			domain = NULL;
		} else {
			created = mage_domain_get(domain);
		}
	}
	mutex_unlock(&mage_domains_mutex);
	if (created)
		queue_work(system_unbound_wq, &domain->adopt_work);
	else if (domain)
		mage_domain_put(domain);
	return err;
}

static struct mage_domain *mage_domain_of_link(struct bpf_link *link)
{
	struct mage_domain *domain, *found = NULL;

	mutex_lock(&mage_domains_mutex);
	list_for_each_entry(domain, &mage_domains, all)
		if (READ_ONCE(domain->link) == link && mage_domain_get(domain))
			found = domain;
	mutex_unlock(&mage_domains_mutex);
	return found;
}

static void mage_ops_unreg(void *kdata, struct bpf_link *link)
{
	struct mage_domain *domain = mage_domain_of_link(link);
	struct mage_exit_info info;
	bool was_ejected;

	if (!domain)
		return;
	mutex_lock(&domain->policy_mutex);
	was_ejected = rcu_access_pointer(domain->policy) != kdata;
	if (!was_ejected) {
		mage_exit_info_fill(&info, kdata, MAGE_EXIT_UNLOAD, "unloaded");
		if (READ_ONCE(domain->ejected))
			info = domain->eject_info;
		mage_policy_replace(domain, &mage_builtin_policy, &info);
	}
	WRITE_ONCE(domain->link, NULL);
	mutex_unlock(&domain->policy_mutex);
	/* After an ejection the domain goes on under the built-in policy. */
	if (was_ejected || info.kind != MAGE_EXIT_UNLOAD ||
	    !queue_work(system_unbound_wq, &domain->offline_work))
		mage_domain_put(domain);
}

static int mage_ops_update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	struct mage_ops *policy = kdata, *old = old_kdata;
	struct mage_domain *domain;
	struct mage_exit_info info;
	int err = 0;

	if (!policy->cgroup_id)
		policy->cgroup_id = old->cgroup_id;
	if (policy->cgroup_id != old->cgroup_id)
		return -EXDEV;
	domain = mage_domain_of_link(link);
	if (!domain)
		return -ENOLINK;
	mutex_lock(&domain->policy_mutex);
	if (rcu_access_pointer(domain->policy) != old) {
		err = -ENOLINK;
	} else {
		err = mage_policy_call_init(domain, policy);
		if (!err) {
			mage_exit_info_fill(&info, old, MAGE_EXIT_REPLACED, "");
			snprintf(info.message, sizeof(info.message), "replaced by %s",
				 policy->name);
			if (READ_ONCE(domain->ejected))
				info = domain->eject_info;
			mage_policy_replace(domain, policy, &info);
			mage_count(domain, MAGE_STAT_SWAPS);
		}
	}
	mutex_unlock(&domain->policy_mutex);
	mage_domain_put(domain);
	return err;
}

/**
 * mage_prog_is_policy() - whether a program is a callback of a policy
 * @prog: program being verified
 */
bool mage_prog_is_policy(const struct bpf_prog *prog)
{
	return prog->type == BPF_PROG_TYPE_STRUCT_OPS && mage_ops_type_id &&
	       prog->aux->attach_btf_id == mage_ops_type_id;
}

static const struct bpf_func_proto *
mage_ops_get_func_proto(enum bpf_func_id func_id, const struct bpf_prog *prog)
{
	switch (func_id) {
	case BPF_FUNC_task_storage_get:
		return &bpf_task_storage_get_proto;
	case BPF_FUNC_task_storage_delete:
		return &bpf_task_storage_delete_proto;
	default:
		return bpf_base_func_proto(func_id, prog);
	}
}

static const struct bpf_verifier_ops mage_verifier_ops = {
	.get_func_proto = mage_ops_get_func_proto,
	.is_valid_access = mage_ops_is_valid_access,
};

/* Stubs give the verifier the callbacks' types; the names need to match. */
static s32 mage_stub_init(struct mage_domain *domain)
{
	return 0;
}

static void mage_stub_exit(struct mage_domain *domain, const struct mage_exit_info *info)
{
}

static void mage_stub_page_in(struct mage_domain *domain, struct mage_frame *frame, u32 why,
			      const struct mage_ghost *ghost)
{
}

static void mage_stub_hint(struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
}

static void mage_stub_prefetch(struct mage_domain *domain, struct mage_fault *fault)
{
}

static u32 mage_stub_no_room(struct mage_domain *domain, u32 nr)
{
	return 0;
}

static u32 mage_stub_evictors(struct mage_domain *domain)
{
	return MAGE_EVICTORS_MAX;
}

static u32 mage_stub_depth(struct mage_domain *domain)
{
	return MAGE_DEPTH_DEFAULT;
}

static u64 mage_stub_headroom(struct mage_domain *domain, u64 limit)
{
	return 0;
}

static void mage_stub_tick(struct mage_domain *domain, const struct mage_rates *rates,
			   struct mage_batch *scan)
{
}

static void mage_stub_page_out(struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
}

static u32 mage_stub_batch_size(struct mage_domain *domain, u32 wanted)
{
	return MAGE_BATCH_DEFAULT;
}

static void mage_stub_select(struct mage_domain *domain, struct mage_batch *batch)
{
}

static void mage_stub_outcome(struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
}

static struct mage_ops mage_ops_stubs = {
	.init = mage_stub_init,
	.exit = mage_stub_exit,
	.page_in = mage_stub_page_in,
	.page_out = mage_stub_page_out,
	.hint = mage_stub_hint,
	.prefetch = mage_stub_prefetch,
	.no_room = mage_stub_no_room,
	.evictors = mage_stub_evictors,
	.depth = mage_stub_depth,
	.headroom = mage_stub_headroom,
	.batch_size = mage_stub_batch_size,
	.select = mage_stub_select,
	.outcome = mage_stub_outcome,
	.tick = mage_stub_tick,
};

static struct bpf_struct_ops bpf_mage_ops = {
	.verifier_ops = &mage_verifier_ops,
	.init = mage_ops_init,
	.check_member = mage_ops_check_member,
	.init_member = mage_ops_init_member,
	.validate = mage_ops_validate,
	.reg = mage_ops_reg,
	.unreg = mage_ops_unreg,
	.update = mage_ops_update,
	.cfi_stubs = &mage_ops_stubs,
	.name = "mage_ops",
	.owner = THIS_MODULE,
};

int __init mage_policy_init(void)
{
	/* Types that policies use and the kernel does not. */
	BTF_TYPE_EMIT_ENUM(MAGE_OPS_GHOST);
	BTF_TYPE_EMIT_ENUM(MAGE_WALK_TURN);
	BTF_TYPE_EMIT_ENUM(MAGE_PAGE_IN_NEW);
	BTF_TYPE_EMIT_ENUM(MAGE_PAGE_OUT_FREED);
	BTF_TYPE_EMIT_ENUM(MAGE_OUTCOME_EVICTED);
	BTF_TYPE_EMIT_ENUM(MAGE_HINT_COLD);
	BTF_TYPE_EMIT_ENUM(MAGE_COUNTER_FAULTS);
	BTF_TYPE_EMIT_ENUM(MAGE_EXIT_NONE);
	return register_bpf_struct_ops(&bpf_mage_ops, mage_ops);
}
