/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a leg of a set, connected and disconnected.
 */
#ifndef _MM_MAGE_SET_LEG_H
#define _MM_MAGE_SET_LEG_H

#include <linux/types.h>

struct mage_column;
struct mage_leg;
struct mage_leg_connect;
struct mage_set;
struct netlink_ext_ack;

struct mage_leg *mage_leg_connect(struct mage_set *set, const struct mage_column *column,
				  const struct mage_leg_connect *to,
				  struct netlink_ext_ack *extack);
bool mage_leg_disconnect(struct mage_leg *leg, unsigned long most);
unsigned long mage_leg_reads(const struct mage_leg *leg);
struct mage_leg *mage_column_get_leg(const struct mage_column *column, unsigned int i);
bool mage_leg_is_awaited(const struct mage_leg *leg);
bool mage_leg_is_stuck(const struct mage_leg *leg, unsigned long before);

#endif /* _MM_MAGE_SET_LEG_H */
