// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what governs a domain, and what is to govern it no more.
 */
#include <linux/bpf.h>
#include "policy.h"
#include "domain.h"

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
	struct mage_domain *root = mage_domain_root(domain);
	struct mage_ops *policy = rcu_dereference(root->policy);

	if (unlikely(!policy)) {
		mage_count(domain->stats, MAGE_STAT_UNGOVERNED);
		return &mage_builtin_policy;
	}
	if (unlikely(policy == READ_ONCE(root->ejected)))
		return &mage_builtin_policy;
	return policy;
}

/**
 * mage_policy_is_builtin() - whether the built-in policy governs a domain
 * @domain: the domain
 *
 * Return: true also if another was ejected, and is about to go
 */
bool mage_policy_is_builtin(struct mage_domain *domain)
{
	bool is;

	rcu_read_lock();
	is = mage_policy(domain) == &mage_builtin_policy;
	rcu_read_unlock();
	return is;
}

/**
 * mage_exit_info_fill() - write why a policy leaves
 * @info: filled
 * @policy: the policy
 * @kind: why
 * @message: why, for people
 */
void mage_exit_info_fill(struct mage_exit_info *info, const struct mage_ops *policy,
			 enum mage_exit_kind kind, const char *message)
{
	info->kind = kind;
	strscpy(info->policy, policy->name);
	strscpy(info->message, message);
}

/**
 * mage_policy_eject() - a policy broke a rule
 * @domain: its domain, or one below that it governs
 * @policy: the policy; nothing happens if it does not govern any more
 * @kind: which rule
 * @fmt: what it did, for people
 *
 * Any context.  From here on calls go to the built-in policy; the rest is done
 * by a work, which may sleep.  One that is just taking over can be ejected, too,
 * but not by what the one before it may have said (MAGE_EXIT_SELF).
 */
void mage_policy_eject(struct mage_domain *domain, struct mage_ops *policy,
		       enum mage_exit_kind kind, const char *fmt, ...)
{
	struct mage_domain *root;
	unsigned long flags;
	bool ejected = false;
	va_list args;

	if (policy == &mage_builtin_policy)
		return;
	rcu_read_lock();
	root = mage_domain_root(domain);
	spin_lock_irqsave(&root->eject_lock, flags);
	if (root->ejected != policy && rcu_access_pointer(root->policy) == policy &&
	    !(kind == MAGE_EXIT_SELF && root->replacing)) {
		struct mage_exit_info *info = &root->eject_info;

		mage_exit_info_fill(info, policy, kind, "");
		va_start(args, fmt);
		vsnprintf(info->message, sizeof(info->message), fmt, args);
		va_end(args);
		WRITE_ONCE(root->ejected, policy);
		ejected = mage_domain_get(root);
	}
	spin_unlock_irqrestore(&root->eject_lock, flags);
	if (ejected && !queue_work(system_unbound_wq, &root->eject_work))
		mage_domain_put(root);
	rcu_read_unlock();
}
