// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the switch of the boot, and those for measurements, in debugfs under mage/.
 *
 * Booted with mage=off there are no frames, no threads and no interfaces.
 *
 * Each of the others takes effect at once, for the next page or batch.  They are
 * there to tell what each part of the pipeline is worth, not to be tuned.
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
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/mage.h>
#include "knobs.h"

DEFINE_STATIC_KEY_FALSE(mage_active);
bool mage_enabled __ro_after_init = true;

static int __init mage_setup(char *value)
{
	return kstrtobool(value, &mage_enabled);
}
early_param("mage", mage_setup);

struct mage_knobs mage_knobs = {
	.async_shootdown = true,
	.one_shootdown = true,
	.mapped_writeback = true,
	.keep_clean = true,
};

struct dentry *mage_debugfs;

void __init mage_knobs_init(void)
{
	struct dentry *dir = debugfs_create_dir("mage", NULL);

	mage_debugfs = dir;
	debugfs_create_bool("async_shootdown", 0644, dir, &mage_knobs.async_shootdown);
	debugfs_create_bool("one_shootdown", 0644, dir, &mage_knobs.one_shootdown);
	debugfs_create_bool("mapped_writeback", 0644, dir, &mage_knobs.mapped_writeback);
	debugfs_create_bool("keep_clean", 0644, dir, &mage_knobs.keep_clean);
	debugfs_create_u32("depth", 0644, dir, &mage_knobs.depth);
	debugfs_create_u32("batch", 0644, dir, &mage_knobs.batch);
	debugfs_create_u32("shards", 0644, dir, &mage_knobs.shards);
}
