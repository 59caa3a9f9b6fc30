/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: how a cgroup comes to be governed, and ceases to be.
 */
#ifndef _MM_MAGE_GOVERN_H
#define _MM_MAGE_GOVERN_H

#include <linux/types.h>

struct bpf_link;
struct mage_domain;
struct mage_ops;

struct mage_domain *mage_domain_new(void);
struct mage_domain *mage_domain_attach(u64 cgroup_id, struct mage_ops *policy,
				       struct bpf_link *link, bool *created);
int mage_domain_remove(struct mage_domain *domain, bool even_governed);

#endif /* _MM_MAGE_GOVERN_H */
