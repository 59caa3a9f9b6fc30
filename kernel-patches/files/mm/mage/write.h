/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the stage "write".
 */
#ifndef _MM_MAGE_WRITE_H
#define _MM_MAGE_WRITE_H

struct mage_batch;

void mage_batch_write(struct mage_batch *batch);

#endif /* _MM_MAGE_WRITE_H */
