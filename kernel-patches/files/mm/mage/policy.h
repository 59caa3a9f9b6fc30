/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what governs a domain, and what is to govern it no more.
 */
#ifndef _MM_MAGE_POLICY_H
#define _MM_MAGE_POLICY_H

#include <linux/mage_policy.h>

struct mage_domain;

extern struct mage_ops mage_builtin_policy;

/* Whether a policy is to be told of the pages that are there when it takes over. */
static inline bool mage_policy_wants_takeover(const struct mage_ops *policy)
{
	return policy->page_in && policy->flags & MAGE_OPS_TAKEOVER;
}

struct mage_ops *mage_policy(struct mage_domain *domain);
bool mage_policy_is_builtin(struct mage_domain *domain);
void mage_policy_eject(struct mage_domain *domain, struct mage_ops *policy,
		       enum mage_exit_kind kind, const char *fmt, ...) __printf(4, 5);
void mage_exit_info_fill(struct mage_exit_info *info, const struct mage_ops *policy,
			 enum mage_exit_kind kind, const char *message);

#endif /* _MM_MAGE_POLICY_H */
