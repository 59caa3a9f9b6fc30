/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a policy in the place of another.
 */
#ifndef _MM_MAGE_REPLACE_H
#define _MM_MAGE_REPLACE_H

#include <linux/mage_policy.h>

struct bpf_link;
struct mage_domain;

/* Time that init may take. */
#define MAGE_INIT_MS		5000

/**
 * struct mage_leaver - a policy that has left, and is to be told so
 * @policy: the policy, NULL if it has no exit, or there is none
 * @kept: there is a reference to its map
 * @info: why it left
 */
struct mage_leaver {
	struct mage_ops *policy;
	bool kept;
	struct mage_exit_info info;
};

void mage_policy_set_up(struct mage_domain *domain);
int mage_policy_call_init(struct mage_domain *domain, struct mage_ops *policy);
void mage_policy_begin(struct mage_domain *domain, struct mage_ops *policy,
		       struct bpf_link *link);
void mage_policy_follows(struct mage_domain *domain, const struct mage_domain *above);
void mage_policy_turn(struct mage_domain *top, struct mage_domain *from,
		      struct mage_domain *to);
void mage_policy_replace(struct mage_domain *root, struct mage_ops *next,
			 const struct mage_exit_info *info, struct mage_leaver *leaver);
void mage_policy_see_off(struct mage_domain *domain, const struct mage_leaver *leaver);
void mage_policy_set_link(struct mage_domain *domain, struct bpf_link *link);
void mage_policy_called(const struct mage_domain *root, struct mage_callback_stats *called);
struct bpf_link *mage_policy_end(struct mage_domain *domain, enum mage_exit_kind kind,
				 const char *why, struct mage_leaver *leaver);
void mage_policy_detach(struct bpf_link *link);

#endif /* _MM_MAGE_REPLACE_H */
