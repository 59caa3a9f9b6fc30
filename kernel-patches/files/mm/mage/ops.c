// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: policies as BPF struct_ops: what the verifier is told, and how they are
 * attached, replaced and detached from user space.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cgroup.h>
#include <linux/filter.h>
#include <linux/memcontrol.h>
#include "ops.h"
#include "callback.h"
#include "domain.h"
#include "dump.h"
#include "govern.h"
#include "helper.h"
#include "knobs.h"
#include "policy.h"
#include "program.h"
#include "replace.h"
#include "room.h"

struct mage_batch;

static u32 mage_ops_type_id __ro_after_init;

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
	int err = mage_program_check(prog);

	if (err)
		return err;
	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct mage_ops, init):
	case offsetof(struct mage_ops, exit):
		return 0;
	default:
		return prog->sleepable ? -EINVAL : 0;
	}
}

/* Instructions of a callback: less if it is called with a lock held on which others spin. */
static u32 mage_ops_insns(u32 offset)
{
	switch (offset) {
	case offsetof(struct mage_ops, page_in):
	case offsetof(struct mage_ops, page_out):
	case offsetof(struct mage_ops, hint):
		return MAGE_LOCKED_INSNS;
	default:
		return MAGE_USUAL_INSNS;
	}
}

/* The program of a callback, by the descriptor that user space has written in its place. */
static int mage_ops_check_program(const void *udata, u32 offset)
{
	int fd = *(const unsigned long *)(udata + offset);
	struct bpf_prog *prog = fd ? bpf_prog_get(fd) : NULL;
	int err;

	if (IS_ERR_OR_NULL(prog))
		return PTR_ERR_OR_ZERO(prog);
	err = mage_program_is_short(prog, mage_ops_insns(offset)) ? 0 : -EFBIG;
	bpf_prog_put(prog);
	return err;
}

static int mage_ops_init_member(const struct btf_type *t, const struct btf_member *member,
				void *kdata, const void *udata)
{
	u32 offset = __btf_member_bit_offset(t, member) / 8;
	const struct mage_ops *from = udata;
	struct mage_ops *to = kdata;

	switch (offset) {
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
	/* All others are callbacks. */
	return mage_ops_check_program(udata, offset);
}

static int mage_ops_validate(void *kdata)
{
	return 0;
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
	bool created;

	/* Without a link there is no swap, and no word of an ejection. */
	if (!link || !mage_enabled)
		return -EOPNOTSUPP;
	/* Once and for all: another link may be made of the same map just now. */
	cmpxchg(&policy->cgroup_id, 0, mage_current_cgroup_id());
	domain = mage_domain_attach(policy->cgroup_id, policy, link, &created);
	if (IS_ERR(domain))
		return PTR_ERR(domain);
	/* One that is under way still, as the cgroup was governed before, does not start again. */
	if (!created || !queue_work(system_unbound_wq, &domain->adopt_work))
		mage_domain_put(domain);
	return 0;
}

static struct mage_domain *mage_domain_of_link(struct bpf_link *link)
{
	struct mage_domain *domain, *found = NULL;

	mutex_lock(&mage_domains_mutex);
	list_for_each_entry(domain, &mage_governed, governed)
		if (READ_ONCE(domain->link) == link && mage_domain_get(domain))
			found = domain;
	mutex_unlock(&mage_domains_mutex);
	return found;
}

static void mage_ops_unreg(void *kdata, struct bpf_link *link)
{
	struct mage_domain *domain = mage_domain_of_link(link);
	struct mage_exit_info info = {};
	struct mage_leaver leaver = {};

	if (!domain)
		return;
	mutex_lock(&domain->policy_mutex);
	if (rcu_access_pointer(domain->policy) == kdata) {
		mage_exit_info_fill(&info, kdata, MAGE_EXIT_UNLOAD, "unloaded");
		mage_policy_replace(domain, &mage_builtin_policy, &info, &leaver);
		/* After an ejection the domain goes on under the built-in policy. */
		domain->unloaded = leaver.info.kind == MAGE_EXIT_UNLOAD;
	}
	mage_policy_set_link(domain, NULL);
	mutex_unlock(&domain->policy_mutex);
	mage_policy_see_off(domain, &leaver);
	if (leaver.info.kind != MAGE_EXIT_UNLOAD ||
	    !queue_work(system_unbound_wq, &domain->offline_work))
		mage_domain_put(domain);
}

/* Whether a policy still governs, which is to be replaced. */
static bool mage_policy_stands(struct mage_domain *domain, const struct mage_ops *policy)
{
	bool stands;

	mutex_lock(&domain->policy_mutex);
	stands = rcu_access_pointer(domain->policy) == policy;
	mutex_unlock(&domain->policy_mutex);
	return stands;
}

static int mage_ops_update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	struct mage_ops *policy = kdata, *old = old_kdata;
	struct mage_domain *domain;
	struct mage_exit_info info = {};
	struct mage_leaver leaver = {};
	int err;

	/* It governs: to take over from itself it would have to be called and left at once. */
	if (policy == old)
		return -EALREADY;
	if (!policy->cgroup_id)
		policy->cgroup_id = old->cgroup_id;
	if (policy->cgroup_id != old->cgroup_id)
		return -EXDEV;
	domain = mage_domain_of_link(link);
	if (!domain)
		return -ENOLINK;
	err = mage_policy_stands(domain, old) ? mage_policy_call_init(domain, policy) : -ENOLINK;
	if (err)
		goto put;
	mutex_lock(&domain->policy_mutex);
	/* It may have been ejected while init ran. */
	if (rcu_access_pointer(domain->policy) == old) {
		mage_exit_info_fill(&info, old, MAGE_EXIT_REPLACED, "");
		snprintf(info.message, sizeof(info.message), "replaced by %s", policy->name);
		mage_policy_replace(domain, policy, &info, &leaver);
		mage_count(domain->stats, MAGE_STAT_SWAPS);
	} else {
		err = -ENOLINK;
	}
	mutex_unlock(&domain->policy_mutex);
	mage_policy_see_off(domain, &leaver);
put:
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

static const struct bpf_verifier_ops mage_verifier_ops = {
	.get_func_proto = mage_helper,
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

static void mage_stub_dump(struct mage_domain *domain, struct mage_dump *dump)
{
}

static u32 mage_stub_reserve(struct mage_domain *domain, u32 nr)
{
	return 0;
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
	.dump = mage_stub_dump,
	.reserve = mage_stub_reserve,
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

/**
 * mage_ops_register() - let programs be policies
 *
 * Return: 0 or a negative errno
 */
int __init mage_ops_register(void)
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
