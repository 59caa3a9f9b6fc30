/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: generic netlink.
 */
#ifndef _MM_MAGE_NETLINK_H
#define _MM_MAGE_NETLINK_H

int mage_netlink_init(void);

#endif /* _MM_MAGE_NETLINK_H */
