/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: legs of a set get what they have not.
 */
#ifndef _MM_MAGE_SET_RESYNC_H
#define _MM_MAGE_SET_RESYNC_H

struct mage_set;

int mage_set_init_resync(struct mage_set *set);
void mage_set_stop_resync(struct mage_set *set);
void mage_set_exit_resync(struct mage_set *set);

#endif /* _MM_MAGE_SET_RESYNC_H */
