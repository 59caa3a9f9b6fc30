/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the stage "arm".
 */
#ifndef _MM_MAGE_ARM_H
#define _MM_MAGE_ARM_H

struct mage_batch;

void mage_batch_arm(struct mage_batch *batch);

#endif /* _MM_MAGE_ARM_H */
