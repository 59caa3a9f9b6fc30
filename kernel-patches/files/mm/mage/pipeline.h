/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a batch on its way through the stages.
 */
#ifndef _MM_MAGE_PIPELINE_H
#define _MM_MAGE_PIPELINE_H

#include "batch.h"

bool mage_batch_step(struct mage_batch *batch);
enum mage_batch_state mage_batch_next_state(enum mage_batch_state state);

#endif /* _MM_MAGE_PIPELINE_H */
