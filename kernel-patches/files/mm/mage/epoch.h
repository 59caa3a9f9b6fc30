/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: words in frames are not taken for those of a later policy.
 */
#ifndef _MM_MAGE_EPOCH_H
#define _MM_MAGE_EPOCH_H

void mage_epochs_are_to_come(void);
void mage_epochs_go_on(void);

#endif /* _MM_MAGE_EPOCH_H */
