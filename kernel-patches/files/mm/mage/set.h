/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the "set" backend, several far stores as one far device.
 */
#ifndef _MM_MAGE_SET_H
#define _MM_MAGE_SET_H

#include <linux/types.h>

struct mage_device;
struct mage_leg;
struct mage_leg_connect;
struct mage_set;
struct netlink_ext_ack;

struct mage_set *mage_set_of(struct mage_device *dev);
bool mage_set_is_degraded(struct mage_set *set);
int mage_set_add_leg(struct mage_set *set, const struct mage_leg_connect *to,
		     struct netlink_ext_ack *extack);
int mage_set_remove_leg(struct mage_set *set, unsigned int number, struct netlink_ext_ack *extack);
int mage_set_init(void);

#endif /* _MM_MAGE_SET_H */
