/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: legs of a set that do not answer, where others would.
 */
#ifndef _MM_MAGE_SET_WATCH_H
#define _MM_MAGE_SET_WATCH_H

struct mage_device;
struct mage_set;

void mage_set_overdue_reads(struct mage_device *dev);
void mage_set_init_watch(struct mage_set *set);
void mage_set_start_watch(struct mage_set *set);
void mage_set_stop_watch(struct mage_set *set);

#endif /* _MM_MAGE_SET_WATCH_H */
