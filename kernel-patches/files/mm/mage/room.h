/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: how much room a domain has, and should have.
 */
#ifndef _MM_MAGE_ROOM_H
#define _MM_MAGE_ROOM_H

#include <linux/types.h>
#include <linux/wait.h>
#include <linux/mage_backend.h>

struct mage_domain;
struct mem_cgroup;

/* Threads that wait for pages of whatever domain; woken when some are freed. */
extern wait_queue_head_t mage_freed_wait;

/* Batch size when the policy names none: at most, and at least. */
#define MAGE_BATCH_DEFAULT	MAGE_BATCH_MAX
#define MAGE_BATCH_LEAST	32

unsigned long mage_headroom_below(struct mage_domain *domain, unsigned long limit);
unsigned long mage_domain_headroom(struct mage_domain *domain);
bool mage_room_is_lacking(struct mage_domain *domain);
bool mage_room_is_short(struct mage_domain *domain);
bool mage_room_is_stalled(struct mage_domain *domain);
bool mage_room_seems_stalled(const struct mage_domain *domain);
bool mage_room_is_hopeless(const struct mage_domain *domain);
bool mage_room_is_awaited(const struct mage_domain *domain);
bool mage_room_is_stuck(const struct mage_domain *domain);
bool mage_room_is_idle(const struct mage_domain *domain);
bool mage_machine_has_room(void);
void mage_room_was_short(struct mage_domain *domain);
void mage_room_turned_over(struct mage_domain *domain, unsigned long nr);
void mage_room_made(struct mage_domain *domain, unsigned long nr);
void mage_room_given(struct mage_domain *domain);
void mage_room_has_no_place(struct mage_domain *domain, unsigned int nr);
void mage_room_has_place(struct mage_domain *domain);
void mage_room_stalled(struct mage_domain *domain);
bool mage_room_may_take_low(const struct mage_domain *domain);
void mage_room_kept(struct mage_domain *domain);
long mage_room_wanted(struct mage_domain *domain);

#endif /* _MM_MAGE_ROOM_H */
