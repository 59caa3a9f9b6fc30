/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: generic netlink, what is of far devices.
 */
#ifndef _MM_MAGE_NETLINK_DEVICE_H
#define _MM_MAGE_NETLINK_DEVICE_H

#include <linux/types.h>
#include <linux/mage_backend.h>
#include <net/netlink.h>

struct genl_family;
struct genl_info;
struct netlink_callback;
struct sk_buff;

/* Multicast groups of the family, by number. */
enum {
	MAGE_GROUP_EVENTS,
};

extern const struct nla_policy mage_device_policy[MAGE_DEVICE_ATTR_MAX + 1];

int mage_device_connect_doit(struct sk_buff *skb, struct genl_info *info);
int mage_device_disconnect_doit(struct sk_buff *skb, struct genl_info *info);
int mage_device_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int mage_leg_add_doit(struct sk_buff *skb, struct genl_info *info);
int mage_leg_remove_doit(struct sk_buff *skb, struct genl_info *info);
void mage_device_tell_by(const struct genl_family *family);

static inline int mage_put_u64(struct sk_buff *skb, int attr, u64 value, int pad)
{
	return nla_put_u64_64bit(skb, attr, value, pad);
}

#endif /* _MM_MAGE_NETLINK_DEVICE_H */
