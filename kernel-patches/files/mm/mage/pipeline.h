/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a batch on its way through the stages.
 */
#ifndef _MM_MAGE_PIPELINE_H
#define _MM_MAGE_PIPELINE_H

#include <linux/jiffies.h>
#include "batch.h"

/* A write that takes longer is not waited for: no store takes so long, if it works. */
#define MAGE_LATE		HZ

bool mage_batch_step(struct mage_batch *batch);

#endif /* _MM_MAGE_PIPELINE_H */
