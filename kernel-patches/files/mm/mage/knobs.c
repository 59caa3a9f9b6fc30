// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: switches for measurements, in debugfs under mage/.
 *
 * Each takes effect at once, for the next page or batch.  They are there to
 * tell what each part of the pipeline is worth, not to be tuned.
 *
 *   async_shootdown   Y: shootdowns are not waited for; N: the evictor waits
 *   one_shootdown     Y: a batch needs no second one, on processors that allow
 *                     it; N: it has two everywhere
 *   mapped_writeback  Y: pages stay mapped while they are written; N: victims
 *                     go the stock way, unmapped first, by the swap cache
 *   keep_clean        Y: a page that is read in keeps its far copy; N: it
 *                     is written again whenever it is evicted
 *   depth             batches in flight an evictor; 0: what the policy says
 *   batch             victims a batch; 0: what the policy says
 *   shards            parts that a domain's lists have; 0: one a CPU
 */
#include <linux/debugfs.h>
#include "internal.h"

struct mage_knobs mage_knobs = {
	.async_shootdown = true,
	.one_shootdown = true,
	.mapped_writeback = true,
	.keep_clean = true,
};

void __init mage_knobs_init(void)
{
	struct dentry *dir = debugfs_create_dir("mage", NULL);

	debugfs_create_bool("async_shootdown", 0644, dir, &mage_knobs.async_shootdown);
	debugfs_create_bool("one_shootdown", 0644, dir, &mage_knobs.one_shootdown);
	debugfs_create_bool("mapped_writeback", 0644, dir, &mage_knobs.mapped_writeback);
	debugfs_create_bool("keep_clean", 0644, dir, &mage_knobs.keep_clean);
	debugfs_create_u32("depth", 0644, dir, &mage_knobs.depth);
	debugfs_create_u32("batch", 0644, dir, &mage_knobs.batch);
	debugfs_create_u32("shards", 0644, dir, &mage_knobs.shards);
}
