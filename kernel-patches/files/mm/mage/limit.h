/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the limits of a domain.
 */
#ifndef _MM_MAGE_LIMIT_H
#define _MM_MAGE_LIMIT_H

struct mage_domain;
struct mem_cgroup;

unsigned long mage_memcg_limit(const struct mem_cgroup *memcg);
long mage_memcg_room(struct mem_cgroup *memcg);
bool mage_memcg_protects(struct mem_cgroup *memcg);
bool mage_limit_is_ours(const struct mage_domain *domain, struct mem_cgroup *memcg);
unsigned long mage_domain_limit(const struct mage_domain *domain);
long mage_domain_room_uncharged(const struct mage_domain *domain);
long mage_domain_room(const struct mage_domain *domain);
void mage_domain_look_at_swap(struct mage_domain *domain);

#endif /* _MM_MAGE_LIMIT_H */
