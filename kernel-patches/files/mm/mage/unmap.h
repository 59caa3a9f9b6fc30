/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the stock way out.
 */
#ifndef _MM_MAGE_UNMAP_H
#define _MM_MAGE_UNMAP_H

struct mage_batch;

unsigned long mage_batch_unmap_first(struct mage_batch *batch, unsigned int *back);

#endif /* _MM_MAGE_UNMAP_H */
