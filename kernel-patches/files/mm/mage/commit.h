/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the stage "commit".
 */
#ifndef _MM_MAGE_COMMIT_H
#define _MM_MAGE_COMMIT_H

#include <linux/types.h>

struct mage_batch;

bool mage_batch_commit(struct mage_batch *batch);
void mage_batch_let_faults_in(struct mage_batch *batch);

#endif /* _MM_MAGE_COMMIT_H */
