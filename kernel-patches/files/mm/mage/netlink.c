// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the generic netlink family "mage".
 */
#include <linux/math64.h>
#include <linux/page_counter.h>
#include <linux/swap.h>
#include <net/genetlink.h>
#include "../swap.h"
#include "netlink.h"
#include "netlink_device.h"
#include "domain.h"
#include "dump.h"
#include "exitlog.h"
#include "govern.h"
#include "limit.h"
#include "policy.h"
#include "replace.h"
#include "room.h"

static struct genl_family mage_genl_family;

static const struct nla_policy mage_domain_policy[MAGE_DOMAIN_ATTR_MAX + 1] = {
	[MAGE_DOMAIN_ATTR_CGROUP_ID] = { .type = NLA_U64 },
};

/* ---- domains ------------------------------------------------------------ */

static const struct {
	enum mage_stat stat;
	int attr;
} mage_stat_attrs[] = {
	{ MAGE_STAT_FAULTS, MAGE_DOMAIN_ATTR_FAULTS },
	{ MAGE_STAT_FIRST_TOUCHES, MAGE_DOMAIN_ATTR_FIRST_TOUCHES },
	{ MAGE_STAT_EVICTIONS, MAGE_DOMAIN_ATTR_EVICTIONS },
	{ MAGE_STAT_CLEAN_DROPS, MAGE_DOMAIN_ATTR_CLEAN_DROPS },
	{ MAGE_STAT_RESCUES, MAGE_DOMAIN_ATTR_RESCUES },
	{ MAGE_STAT_EXCLUDED, MAGE_DOMAIN_ATTR_EXCLUDED },
	{ MAGE_STAT_STOCK_RECLAIMED, MAGE_DOMAIN_ATTR_STOCK_RECLAIMED },
	{ MAGE_STAT_WRITE_ERRORS, MAGE_DOMAIN_ATTR_WRITE_ERRORS },
	{ MAGE_STAT_READ_ERRORS, MAGE_DOMAIN_ATTR_READ_ERRORS },
	{ MAGE_STAT_WAITS, MAGE_DOMAIN_ATTR_WAITS },
	{ MAGE_STAT_WAIT_NS, MAGE_DOMAIN_ATTR_WAIT_NS },
	{ MAGE_STAT_FALLBACKS, MAGE_DOMAIN_ATTR_FALLBACKS },
	{ MAGE_STAT_BATCHES, MAGE_DOMAIN_ATTR_BATCHES },
	{ MAGE_STAT_SWAPS, MAGE_DOMAIN_ATTR_SWAPS },
	{ MAGE_STAT_EJECTIONS, MAGE_DOMAIN_ATTR_EJECTIONS },
	{ MAGE_STAT_UNGOVERNED, MAGE_DOMAIN_ATTR_UNGOVERNED },
	{ MAGE_STAT_SPARED, MAGE_DOMAIN_ATTR_SPARED },
	{ MAGE_STAT_PREFETCHED, MAGE_DOMAIN_ATTR_PREFETCHED },
	{ MAGE_STAT_PREFETCH_HITS, MAGE_DOMAIN_ATTR_PREFETCH_HITS },
	{ MAGE_STAT_PREFETCH_WASTE, MAGE_DOMAIN_ATTR_PREFETCH_WASTE },
	{ MAGE_STAT_REFAULTS, MAGE_DOMAIN_ATTR_REFAULTS },
	{ MAGE_STAT_REFAULT_DISTANCE, MAGE_DOMAIN_ATTR_REFAULT_DISTANCE },
	{ MAGE_STAT_SELF_EVICTIONS, MAGE_DOMAIN_ATTR_SELF_EVICTIONS },
	{ MAGE_STAT_PICKS, MAGE_DOMAIN_ATTR_PICKS },
	{ MAGE_STAT_NO_PLACE, MAGE_DOMAIN_ATTR_NO_PLACE },
	{ MAGE_STAT_GONE, MAGE_DOMAIN_ATTR_GONE },
	{ MAGE_STAT_REFUSED_FULL, MAGE_DOMAIN_ATTR_REFUSED_FULL },
	{ MAGE_STAT_REFUSED_GONE, MAGE_DOMAIN_ATTR_REFUSED_GONE },
	{ MAGE_STAT_REFUSED_TAKEN, MAGE_DOMAIN_ATTR_REFUSED_TAKEN },
	{ MAGE_STAT_REFUSED_FOREIGN, MAGE_DOMAIN_ATTR_REFUSED_FOREIGN },
	{ MAGE_STAT_REFUSED_NODE, MAGE_DOMAIN_ATTR_REFUSED_NODE },
	{ MAGE_STAT_CLEANED, MAGE_DOMAIN_ATTR_CLEANED },
	{ MAGE_STAT_POOL_GIVEN, MAGE_DOMAIN_ATTR_POOL_GIVEN },
	{ MAGE_STAT_POOL_HITS, MAGE_DOMAIN_ATTR_POOL_HITS },
	{ MAGE_STAT_POOL_DRAINED, MAGE_DOMAIN_ATTR_POOL_DRAINED },
};

static int mage_domain_put_policy(struct sk_buff *skb, struct mage_domain *domain)
{
	struct mage_callback_stats called[MAGE_CALLBACKS];
	const struct mage_ops *policy;
	int err;

	/* Who sees that a policy was ejected finds the record of that, too. */
	mutex_lock(&domain->policy_mutex);
	mutex_lock(&mage_tree_mutex);
	mage_policy_called(domain, called);
	rcu_read_lock();
	policy = mage_policy(domain);
	err = nla_put_string(skb, MAGE_DOMAIN_ATTR_POLICY, policy->name);
	if (!err && policy == &mage_builtin_policy)
		err = nla_put_flag(skb, MAGE_DOMAIN_ATTR_BUILTIN);
	rcu_read_unlock();
	if (!err && domain->link)
		err = nla_put_u32(skb, MAGE_DOMAIN_ATTR_LINK_ID, domain->link->id);
	if (!err && domain->exit_info.kind)
		err = nla_put_u32(skb, MAGE_DOMAIN_ATTR_EXIT_KIND, domain->exit_info.kind) ?:
		      nla_put_string(skb, MAGE_DOMAIN_ATTR_EXIT_POLICY,
				     domain->exit_info.policy) ?:
		      nla_put_string(skb, MAGE_DOMAIN_ATTR_EXIT_MESSAGE,
				     domain->exit_info.message);
	mutex_unlock(&mage_tree_mutex);
	mutex_unlock(&domain->policy_mutex);
	return err ?: nla_put(skb, MAGE_DOMAIN_ATTR_CALLBACKS, sizeof(called), called);
}

static int mage_domain_put_stats(struct sk_buff *skb, struct mage_domain *domain)
{
	u64 lists[MAGE_LISTS];
	struct nlattr *latency;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mage_stat_attrs); i++)
		if (mage_put_u64(skb, mage_stat_attrs[i].attr,
				 mage_domain_total(domain, mage_stat_attrs[i].stat),
				 MAGE_DOMAIN_ATTR_PAD))
			return -EMSGSIZE;
	latency = nla_reserve(skb, MAGE_DOMAIN_ATTR_LATENCY, MAGE_LATENCY_BUCKETS * sizeof(u64));
	if (!latency)
		return -EMSGSIZE;
	mage_latency_sum(domain->root_stats, nla_data(latency));
	latency = nla_reserve(skb, MAGE_DOMAIN_ATTR_WAIT_LATENCY,
			      MAGE_LATENCY_BUCKETS * sizeof(u64));
	if (!latency)
		return -EMSGSIZE;
	mage_wait_latency_sum(domain->root_stats, nla_data(latency));
	mage_domain_total_lists(domain, lists);
	return nla_put(skb, MAGE_DOMAIN_ATTR_LISTS, sizeof(lists), lists);
}

static int mage_domain_put_sizes(struct sk_buff *skb, struct mage_domain *domain)
{
	static const int pad = MAGE_DOMAIN_ATTR_PAD;
	struct mem_cgroup *memcg = domain->memcg;
	unsigned long limit = mage_domain_limit(domain);
	long copies = mage_domain_total(domain, MAGE_STAT_CLEAN_COPIES);
	long swap = page_counter_read(&memcg->swap);

	/* The two are read at different moments. */
	copies = clamp(copies, 0L, swap);
	return mage_put_u64(skb, MAGE_DOMAIN_ATTR_CGROUP_ID, domain->cgroup_id, pad) ?:
	       mage_put_u64(skb, MAGE_DOMAIN_ATTR_LOCAL,
			    (u64)page_counter_read(&memcg->memory) << PAGE_SHIFT, pad) ?:
	       mage_put_u64(skb, MAGE_DOMAIN_ATTR_LIMIT,
			    limit >= PAGE_COUNTER_MAX ? ~0ULL : (u64)limit << PAGE_SHIFT, pad) ?:
	       mage_put_u64(skb, MAGE_DOMAIN_ATTR_FAR, (u64)(swap - copies) << PAGE_SHIFT, pad) ?:
	       mage_put_u64(skb, MAGE_DOMAIN_ATTR_CLEAN_COPIES, (u64)copies << PAGE_SHIFT,
			    pad) ?:
	       mage_put_u64(skb, MAGE_DOMAIN_ATTR_HEADROOM,
			    (u64)mage_domain_headroom(domain) << PAGE_SHIFT, pad) ?:
	       mage_put_u64(skb, MAGE_DOMAIN_ATTR_FRAMES, mage_domain_total_frames(domain), pad);
}

/* A domain's two histograms, or a text, do not fit the usual buffer with certainty. */
static int mage_large_get_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = SZ_16K;
	return 0;
}

static bool mage_domain_fits(struct sk_buff *skb, struct netlink_callback *cb,
			     struct mage_domain *domain)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &mage_genl_family, NLM_F_MULTI, MAGE_CMD_DOMAIN_GET);

	if (!header)
		return false;
	if (mage_domain_put_sizes(skb, domain) || mage_domain_put_policy(skb, domain) ||
	    mage_domain_put_stats(skb, domain)) {
		genlmsg_cancel(skb, header);
		return false;
	}
	genlmsg_end(skb, header);
	return true;
}

static int mage_domain_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mage_domain *domain;
	bool fits = true;

	while (fits && (domain = mage_domain_get_governed(cb->args[0]))) {
		fits = mage_domain_fits(skb, cb, domain);
		mage_domain_put(domain);
		cb->args[0] += fits;
	}
	return skb->len;
}

/* The domain that a request names, with a reference, or NULL. */
static struct mage_domain *mage_domain_get_root_by(struct genl_info *info)
{
	struct mage_domain *domain;

	mutex_lock(&mage_domains_mutex);
	domain = mage_domain_find(nla_get_u64(info->attrs[MAGE_DOMAIN_ATTR_CGROUP_ID]));
	if (domain && !mage_domain_get(domain))
		domain = NULL;
	mutex_unlock(&mage_domains_mutex);
	if (!domain)
		NL_SET_ERR_MSG(info->extack, "the cgroup is no domain");
	return domain;
}

static int mage_domain_remove_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct mage_domain *domain;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MAGE_DOMAIN_ATTR_CGROUP_ID)) {
		NL_SET_ERR_MSG(info->extack, "which cgroup is not said");
		return -EINVAL;
	}
	domain = mage_domain_get_root_by(info);
	if (!domain)
		return -ENOENT;
	err = mage_domain_remove(domain, false);
	if (err)
		NL_SET_ERR_MSG(info->extack, "a policy is attached to the cgroup");
	else
		/* It may be that an unload has just begun to remove it: await that. */
		flush_work(&domain->offline_work);
	mage_domain_put(domain);
	return err;
}

/* ---- policies that left ------------------------------------------------- */

static int mage_exit_put(struct sk_buff *skb, const struct mage_exit_record *record,
			 const char *dump)
{
	static const int pad = MAGE_EXIT_ATTR_PAD;
	int err;

	err = mage_put_u64(skb, MAGE_EXIT_ATTR_NUMBER, record->number, pad) ?:
	       mage_put_u64(skb, MAGE_EXIT_ATTR_TIME_NS, record->time_ns, pad) ?:
	       mage_put_u64(skb, MAGE_EXIT_ATTR_CGROUP_ID, record->cgroup_id, pad) ?:
	       nla_put_u32(skb, MAGE_EXIT_ATTR_KIND, record->info.kind) ?:
	       nla_put_string(skb, MAGE_EXIT_ATTR_POLICY, record->info.policy) ?:
	      nla_put_string(skb, MAGE_EXIT_ATTR_MESSAGE, record->info.message);
	if (!err && record->governed)
		err = nla_put(skb, MAGE_EXIT_ATTR_CALLBACKS, sizeof(record->callback),
			      record->callback) ?:
		      nla_put(skb, MAGE_EXIT_ATTR_LISTS, sizeof(record->list), record->list);
	if (!err && dump[0])
		err = nla_put_string(skb, MAGE_EXIT_ATTR_DUMP, dump);
	if (!err && record->dump_cut)
		err = nla_put_flag(skb, MAGE_EXIT_ATTR_DUMP_CUT);
	return err;
}

static int mage_exit_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mage_exit_record record;
	char *dump = kmalloc(MAGE_DUMP_LEN, GFP_KERNEL);

	if (!dump)
		return -ENOMEM;
	/* args[0] is the number of the last record sent. */
	while (mage_exit_log_next(cb->args[0], &record, dump)) {
		void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
					   &mage_genl_family, NLM_F_MULTI, MAGE_CMD_EXIT_GET);

		if (!header)
			break;
		/* What is asked of a policy that governs is for administrators, too. */
		if (!netlink_capable(cb->skb, CAP_SYS_ADMIN))
			dump[0] = '\0';
		if (mage_exit_put(skb, &record, dump)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		cb->args[0] = record.number;
	}
	kfree(dump);
	return skb->len;
}

/* ---- what a policy says of itself --------------------------------------- */

static int mage_dump_put(struct sk_buff *skb, const struct mage_domain *domain,
			 const struct mage_ops *policy, const struct mage_dump *dump)
{
	int err = mage_put_u64(skb, MAGE_DUMP_ATTR_CGROUP_ID, domain->cgroup_id,
			       MAGE_DUMP_ATTR_PAD) ?:
		  nla_put_string(skb, MAGE_DUMP_ATTR_POLICY, policy->name) ?:
		  nla_put_string(skb, MAGE_DUMP_ATTR_TEXT, dump->text);

	return !err && dump->cut ? nla_put_flag(skb, MAGE_DUMP_ATTR_CUT) : err;
}

/* Has the policy of a domain fill @dump, and puts that into @skb. */
static int mage_dump_ask(struct sk_buff *skb, struct mage_domain *domain, struct mage_dump *dump,
			 struct netlink_ext_ack *extack)
{
	struct mage_ops *policy;
	int err = -EOPNOTSUPP;

	/* So it is not replaced, and freed, meanwhile. */
	mutex_lock(&domain->policy_mutex);
	/* It may have ended since it was looked up, and be governed from above now. */
	if (!mage_domain_is_root(domain)) {
		NL_SET_ERR_MSG(extack, "the cgroup is not governed any more");
		err = -ENOENT;
		goto unlock;
	}
	rcu_read_lock();
	policy = mage_policy(domain);
	rcu_read_unlock();
	if (policy->dump) {
		mage_dump_call(domain, policy, MAGE_CALL_USUAL, dump);
		err = mage_dump_put(skb, domain, policy, dump);
	} else {
		NL_SET_ERR_MSG(extack, "the policy says nothing: it has no callback dump");
	}
unlock:
	mutex_unlock(&domain->policy_mutex);
	return err;
}

static int mage_policy_dump_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct mage_domain *domain;
	struct mage_dump dump;
	struct sk_buff *reply;
	int err = -ENOMEM;
	void *header;

	if (GENL_REQ_ATTR_CHECK(info, MAGE_DOMAIN_ATTR_CGROUP_ID)) {
		NL_SET_ERR_MSG(info->extack, "which cgroup is not said");
		return -EINVAL;
	}
	domain = mage_domain_get_root_by(info);
	if (!domain)
		return -ENOENT;
	reply = genlmsg_new(MAGE_DUMP_LEN + SZ_1K, GFP_KERNEL);
	if (reply && mage_dump_start(&dump, GFP_KERNEL)) {
		header = genlmsg_put_reply(reply, info, &mage_genl_family, 0,
					   MAGE_CMD_POLICY_DUMP);
		err = mage_dump_ask(reply, domain, &dump, info->extack);
		genlmsg_end(reply, header);
		kfree(dump.text);
	}
	mage_domain_put(domain);
	if (!err)
		return genlmsg_reply(reply, info);
	nlmsg_free(reply);
	return err;
}

/* ---- family ------------------------------------------------------------- */

static const struct genl_ops mage_genl_ops[] = {
	{
		.cmd = MAGE_CMD_DEVICE_CONNECT,
		.policy = mage_device_policy,
		.maxattr = MAGE_DEVICE_ATTR_MAX,
		.doit = mage_device_connect_doit,
	},
	{
		.cmd = MAGE_CMD_DEVICE_DISCONNECT,
		.policy = mage_device_policy,
		.maxattr = MAGE_DEVICE_ATTR_MAX,
		.doit = mage_device_disconnect_doit,
	},
	{
		.cmd = MAGE_CMD_DEVICE_GET,
		.start = mage_large_get_start,
		.dumpit = mage_device_get_dumpit,
	},
	{
		.cmd = MAGE_CMD_LEG_ADD,
		.policy = mage_device_policy,
		.maxattr = MAGE_DEVICE_ATTR_MAX,
		.doit = mage_leg_add_doit,
	},
	{
		.cmd = MAGE_CMD_LEG_REMOVE,
		.policy = mage_device_policy,
		.maxattr = MAGE_DEVICE_ATTR_MAX,
		.doit = mage_leg_remove_doit,
	},
	{
		.cmd = MAGE_CMD_DOMAIN_GET,
		.start = mage_large_get_start,
		.dumpit = mage_domain_get_dumpit,
	},
	{
		.cmd = MAGE_CMD_DOMAIN_REMOVE,
		.policy = mage_domain_policy,
		.maxattr = MAGE_DOMAIN_ATTR_MAX,
		.doit = mage_domain_remove_doit,
	},
	{
		.cmd = MAGE_CMD_EXIT_GET,
		.start = mage_large_get_start,
		.dumpit = mage_exit_get_dumpit,
	},
	{
		.cmd = MAGE_CMD_POLICY_DUMP,
		.policy = mage_domain_policy,
		.maxattr = MAGE_DOMAIN_ATTR_MAX,
		.doit = mage_policy_dump_doit,
	},
};

/*
 * Before a request that changes something; who only asks for a dump does not come here.  What
 * GENL_ADMIN_PERM asks for, CAP_NET_ADMIN, containers are given, which are to have neither
 * memory nor block devices of the host by that.
 */
static int mage_genl_allow(const struct genl_split_ops *ops, struct sk_buff *skb,
			   struct genl_info *info)
{
	return netlink_capable(skb, CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static const struct genl_multicast_group mage_genl_groups[] = {
	[MAGE_GROUP_EVENTS] = { .name = MAGE_GENL_EVENTS },
};

static struct genl_family mage_genl_family __ro_after_init = {
	.name = MAGE_GENL_NAME,
	.version = MAGE_GENL_VERSION,
	.module = THIS_MODULE,
	.ops = mage_genl_ops,
	.n_ops = ARRAY_SIZE(mage_genl_ops),
	.pre_doit = mage_genl_allow,
	.mcgrps = mage_genl_groups,
	.n_mcgrps = ARRAY_SIZE(mage_genl_groups),
	/* Each request has its own locks, and connecting takes its time. */
	.parallel_ops = true,
};

int __init mage_netlink_init(void)
{
	int err = genl_register_family(&mage_genl_family);

	if (!err)
		mage_device_tell_by(&mage_genl_family);
	return err;
}
