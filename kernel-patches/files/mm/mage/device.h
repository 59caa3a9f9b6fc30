/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: far devices, connected and disconnected.
 */
#ifndef _MM_MAGE_DEVICE_H
#define _MM_MAGE_DEVICE_H

struct mage_connect;
struct mage_disk;
struct netlink_ext_ack;

struct mage_disk *mage_disk_connect(const char *backend, const struct mage_connect *to,
				    struct netlink_ext_ack *extack);
void mage_disk_publish(struct mage_disk *disk);
int mage_disk_disconnect(unsigned int index, struct netlink_ext_ack *extack);

#endif /* _MM_MAGE_DEVICE_H */
