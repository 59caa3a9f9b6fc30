/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a batch on its way through the stages.
 */
#ifndef _MM_MAGE_PIPELINE_H
#define _MM_MAGE_PIPELINE_H

#include "batch.h"

bool mage_batch_step(struct mage_batch *batch);

#endif /* _MM_MAGE_PIPELINE_H */
